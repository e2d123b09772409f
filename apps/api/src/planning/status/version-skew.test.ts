import { BERTH_VERSION } from '@berth/shared/model/version';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { expect, test } from 'vitest';
import { skewOf } from './version-skew.ts';

test('an agent is as new as its Berth, of another version, behind by a protocol, or not known yet', () => {
  expect(skewOf(BERTH_VERSION, PROTOCOL_VERSION)).toMatchObject({ skew: 'none', protocol: PROTOCOL_VERSION });
  expect(skewOf('0.0.9', PROTOCOL_VERSION)).toMatchObject({ skew: 'version', message: expect.stringContaining('understand each other') });
  expect(skewOf(BERTH_VERSION, PROTOCOL_VERSION - 1)).toMatchObject({
    skew: 'protocol',
    message: expect.stringContaining('goes on working'),
  });
  expect(skewOf(null, 0)).toMatchObject({ skew: 'unknown', protocol: null });
});
