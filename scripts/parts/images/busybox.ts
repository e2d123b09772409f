/** A small `busybox` image out of Debian's statically linked busybox, with a link for each of its commands. */
import { readFileSync } from 'node:fs';
import { programOrInstall } from '../apt.ts';
import { run } from '../command.ts';
import { type ImageContents, type LayerEntry, machineArchitecture } from './image.ts';

/** Throws a sentence where busybox is not there and cannot be installed. */
export async function busybox(): Promise<ImageContents> {
  const program = await programOrInstall(['busybox'], ['busybox-static']);
  if (!program) throw new Error('Install busybox-static.');
  const executable = readFileSync(program);
  // Debian's plain "busybox" package needs libraries, which a container from scratch does not have.
  if (executable.includes('/ld-linux')) throw new Error(`${program} is not statically linked: install busybox-static.`);
  const { stdout } = await run(program, ['--list']);
  const commands = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  return {
    architecture: machineArchitecture(),
    layers: [
      [
        ...folders(['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'usr', 'usr/bin', 'usr/sbin', 'sbin', 'var']),
        { path: 'tmp', mode: 0o1777 },
        { path: 'etc/passwd', data: Buffer.from('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n') },
        { path: 'etc/group', data: Buffer.from('root:x:0:\nnogroup:x:65534:\n') },
        { path: 'bin/busybox', mode: 0o755, data: executable },
        ...commands.map((name): LayerEntry => ({ path: `bin/${name}`, link: 'busybox' })),
      ],
    ],
    config: { Cmd: ['sh'], Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] },
  };
}

const folders = (paths: string[]): LayerEntry[] => paths.map((path) => ({ path }));
