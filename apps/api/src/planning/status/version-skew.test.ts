import { BERTH_VERSION } from '@berth/shared/model/version';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { expect, test } from 'vitest';
import { updateRefusal } from './update-refusal.ts';
import { skewOf } from './version-skew.ts';

const offered = { version: BERTH_VERSION, sha256: 'mine' };

test('an agent is as new as its Berth, another build, of another version, behind by a protocol, or not known yet', () => {
  expect(skewOf(BERTH_VERSION, PROTOCOL_VERSION, 'mine', offered)).toMatchObject({ skew: 'none', protocol: PROTOCOL_VERSION });
  expect(skewOf(BERTH_VERSION, PROTOCOL_VERSION, 'other', offered)).toMatchObject({ skew: 'build' });
  expect(skewOf(BERTH_VERSION, PROTOCOL_VERSION, 'other', null)).toMatchObject({ skew: 'none' });
  expect(skewOf('0.0.9', PROTOCOL_VERSION, 'other', offered)).toMatchObject({
    skew: 'version',
    message: expect.stringContaining('understand each other'),
  });
  expect(skewOf(BERTH_VERSION, PROTOCOL_VERSION - 1, null, offered)).toMatchObject({
    skew: 'protocol',
    message: expect.stringContaining('goes on working'),
  });
  expect(skewOf(null, 0, null, offered)).toMatchObject({ skew: 'unknown', protocol: null });
});

test('what cannot be updated from here says why, and what to run there instead', () => {
  const bundle = { sha256: 'x', fixed: null, update: null };
  expect(updateRefusal(PROTOCOL_VERSION, bundle, 'line')).toBeNull();
  expect(updateRefusal(0, null, 'line')).toBeNull();
  const refused = [
    [3, null, 'its agent speaks protocol 3, which knows of no updates from here'],
    [4, null, 'its agent is of a build that knows of no updates from here'],
    [4, { ...bundle, fixed: 'its policy does not allow it' }, 'its policy does not allow it'],
  ] as const;
  for (const [protocol, said, message] of refused) {
    expect(updateRefusal(protocol, said, 'line')).toEqual({ message, command: 'line' });
  }
});
