import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { helloWorld, helloWorldExecutable } from './hello-world.ts';
import { buildImage, machineArchitecture } from './image.ts';

describe('the hello-world executable', () => {
  it('runs on this machine, prints its text and exits with 0', () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-hello-'));
    try {
      const file = join(folder, 'hello');
      writeFileSync(file, helloWorldExecutable(machineArchitecture()), { mode: 0o755 });
      const { status, stdout } = spawnSync(file, { encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout).toMatch(/^\nHello from Docker!\n/);
      expect(stdout).toMatch(/https:\/\/docs\.docker\.com\/get-started\/\n\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['amd64', 'arm64'] as const)('takes less than two kilobytes for %s', (architecture) => {
    expect(helloWorldExecutable(architecture).length).toBeLessThan(2048);
  });
});

describe('an image', () => {
  it('is the same, byte for byte, whenever it is built', async () => {
    const [one, other] = await Promise.all([buildImage(helloWorld('amd64'), 'x'), buildImage(helloWorld('amd64'), 'x')]);
    expect(one.manifest.digest).toBe(other.manifest.digest);
  });

  it('is another one under another id, so that removing one takes no alias along', async () => {
    const [one, other] = await Promise.all([buildImage(helloWorld('amd64'), 'x'), buildImage(helloWorld('amd64'), 'y')]);
    expect(one.config.digest).not.toBe(other.config.digest);
    expect(one.layers[0]?.digest).toBe(other.layers[0]?.digest);
  });
});
