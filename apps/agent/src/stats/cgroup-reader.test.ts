import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCgroup } from './cgroup-reader.ts';

const ID = 'c0ffee';
const TRAFFIC = 'Inter-| Receive\n face |bytes\n    lo: 9 0 0 0 0 0 0 0 9 0\n  eth0: 300 0 0 0 0 0 0 0 40 0\n';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'berth-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (files: Record<string, string>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
};
const unified = (folder: string, procs: string) => ({
  [`sys/fs/cgroup/${folder}/memory.current`]: '5000\n',
  [`sys/fs/cgroup/${folder}/memory.stat`]: 'anon 1\ninactive_file 2000\n',
  [`sys/fs/cgroup/${folder}/cpu.stat`]: 'usage_usec 7\n',
  [`sys/fs/cgroup/${folder}/io.stat`]: '8:0 rbytes=1 wbytes=2\n',
  [`sys/fs/cgroup/${folder}/pids.current`]: '3\n',
  [`sys/fs/cgroup/${folder}/cgroup.procs`]: procs,
});
const COUNTED = { cpuNanoseconds: 7000, memoryBytes: 3000, receivedBytes: 300, sentBytes: 40, readBytes: 1, writtenBytes: 2, pids: 3 };

describe('the cgroup of a container', () => {
  it("is where its process's own file says", () => {
    put({ ...unified(`anywhere/${ID}`, '4711\n'), 'proc/4711/cgroup': `0::/anywhere/${ID}\n`, 'proc/4711/net/dev': TRAFFIC });
    expect(openCgroup(4711, ID, root)?.read()).toMatchObject(COUNTED);
  });

  it('is found by its name where the engine numbers processes otherwise, and says how they are numbered here', () => {
    for (const folder of [`docker/${ID}`, `system.slice/docker-${ID}.scope`]) {
      rmSync(join(root, 'sys'), { recursive: true, force: true });
      put({
        ...unified(folder, '4711\n4712\n'),
        'proc/7/cgroup': '0::/docker/another\n',
        'proc/7/net/dev': TRAFFIC,
        'proc/4711/net/dev': TRAFFIC,
      });
      expect(openCgroup(7, ID, root)?.read()).toMatchObject(COUNTED);
    }
  });

  it('is found by its name in version 1', () => {
    put({
      [`sys/fs/cgroup/memory/docker/${ID}/memory.usage_in_bytes`]: '5000\n',
      [`sys/fs/cgroup/memory/docker/${ID}/memory.stat`]: 'total_inactive_file 2000\n',
      [`sys/fs/cgroup/memory/docker/${ID}/cgroup.procs`]: '4711\n',
      [`sys/fs/cgroup/cpuacct/docker/${ID}/cpuacct.usage`]: '7000\n',
      [`sys/fs/cgroup/blkio/docker/${ID}/blkio.throttle.io_service_bytes`]: '8:0 Read 1\n8:0 Write 2\n',
      [`sys/fs/cgroup/pids/docker/${ID}/pids.current`]: '3\n',
      'proc/4711/net/dev': TRAFFIC,
    });
    expect(openCgroup(7, ID, root)?.read()).toMatchObject(COUNTED);
  });

  it("is not another container's, and not one whose processes cannot be seen from here", () => {
    put({ ...unified('docker/another', '4711\n'), 'proc/4711/cgroup': '0::/docker/another\n' });
    expect(openCgroup(4711, ID, root)).toBeNull();
    put(unified(`docker/${ID}`, '0\n'));
    expect(openCgroup(4711, ID, root)).toBeNull();
  });
});
