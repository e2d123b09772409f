import { expect, it } from 'vitest';
import { PullProgress } from './pull-progress.ts';

it('a layer keeps its size through the stages in which the engine does not tell it', () => {
  const progress = new PullProgress('nginx:1', new Date(0));
  const seen = (status: string, progressDetail?: { current?: number; total?: number }) => {
    progress.apply({ id: 'aa', status, progressDetail });
    const { current, total } = progress.snapshot().layers[0] ?? {};
    return [current, total];
  };
  expect(seen('Pulling fs layer', {})).toEqual([null, null]);
  expect(seen('Downloading', { current: 10, total: 40 })).toEqual([10, 40]);
  expect(seen('Verifying Checksum', {})).toEqual([40, 40]);
  expect(seen('Download complete', {})).toEqual([40, 40]);
  expect(seen('Extracting', { current: 20, total: 40 })).toEqual([20, 40]);
  expect(seen('Pull complete', {})).toEqual([40, 40]);
});
