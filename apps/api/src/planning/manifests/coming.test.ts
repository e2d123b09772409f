import { expect, test } from 'vitest';
import { withoutComing } from './coming.ts';

test('what uses a secret or a volume that the same request makes is checked without it', () => {
  const coming = new Map([
    ['Secret', new Set(['new'])],
    ['Volume', new Set(['data'])],
  ]);
  const spec = {
    image: 'busybox',
    secrets: [
      { secret: 'new', env: 'A' },
      { secret: 'old', env: 'B' },
    ],
    volumes: [{ volume: 'data', target: '/data' }],
  };
  const left = { image: 'busybox', secrets: [{ secret: 'old', env: 'B' }], volumes: [] };
  expect(withoutComing(spec, coming)).toEqual(left);
  expect(withoutComing({ replicas: 1, template: { spec } }, coming)).toEqual({ replicas: 1, template: { spec: left } });
  expect(withoutComing({ image: 'busybox' }, coming)).toEqual({ image: 'busybox' });
});
