import { expect, test } from 'vitest';
import { EnvError, loadEnv } from './env.ts';

const valid = {
  DATABASE_URL: 'postgresql://user:password@127.0.0.1:5432/berth',
  REDIS_URL: 'redis://127.0.0.1:6379',
  BERTH_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  AUTH_SECRET: 'x'.repeat(32),
};

test('what is left out, or empty, has its default', () => {
  const env = loadEnv({ ...valid, PORT: '4000', CONSOLE_URL: '', LOG_LEVEL: '' });
  expect(env).toMatchObject({ PORT: 4000, HOST: '127.0.0.1', PUBLIC_URL: 'http://127.0.0.1:4000', ROLES: 'all', LOG_LEVEL: 'info' });
  expect(env.CONSOLE_URL).toBeUndefined();
  expect(env.BERTH_SECRET_KEY).toEqual(Buffer.alloc(32, 7));
});

test('an address loses the slash at its end, so that paths can be joined to it', () => {
  expect(loadEnv({ ...valid, PUBLIC_URL: 'https://berth.example.com/' }).PUBLIC_URL).toBe('https://berth.example.com');
});

test('every error is said at once, and no value is repeated, for it may be a secret', () => {
  const load = () => loadEnv({ PORT: '99999', DATABASE_URL: 'mysql://hunter2@x', BERTH_SECRET_KEY: 'c2hvcnQ=', ROLES: 'boss' });
  expect(load).toThrow(EnvError);
  for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL is not set', 'BERTH_SECRET_KEY', 'AUTH_SECRET is not set', 'ROLES'])
    expect(load).toThrow(name);
  expect(load).not.toThrow(/hunter2|c2hvcnQ/);
});
