import { expect, test } from 'vitest';
import { MASK, maskedEngine, maskedEnv } from './secrets.ts';

test('values of variables whose names say so are masked, wherever the environment is shown', () => {
  expect(maskedEnv({ COLOUR: 'blue', DB_PASSWORD: 'x', apiKey: 'y', GITHUB_TOKEN: 'z' })).toEqual({
    COLOUR: 'blue',
    DB_PASSWORD: MASK,
    apiKey: MASK,
    GITHUB_TOKEN: MASK,
  });
  expect(maskedEngine({ Id: 'c', Config: { Env: ['A=b=c', 'MY_SECRET=x=y', 'bare'], Cmd: null } })).toEqual({
    Id: 'c',
    Config: { Env: ['A=b=c', `MY_SECRET=${MASK}`, 'bare'], Cmd: null },
  });
  expect(maskedEngine({ Config: null })).toEqual({ Config: null });
});
