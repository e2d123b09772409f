import { defaultKeyHasher } from '@better-auth/api-key';
import { expect, test } from 'vitest';
import { hashOf } from './secret-hash.ts';

test('tokens are looked up by the very hash that the api-key plugin stores', async () => {
  for (const token of ['berth_abc', 'berth_', 'ü']) expect(hashOf(token)).toBe(await defaultKeyHasher(token));
});
