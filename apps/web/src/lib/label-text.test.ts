import { expect, it } from 'vitest';
import { labelsFromText, labelsToText } from './label-text.ts';

it('labels are one a line, and read back as they were', () => {
  const labels = { team: 'web', 'berth.dev/owner': 'a=b', hot: '' };
  expect(labelsToText(labels)).toBe('berth.dev/owner=a=b\nhot\nteam=web');
  expect(labelsFromText(labelsToText(labels))).toEqual(labels);
  expect(labelsFromText(' team = web \n\n')).toEqual({ team: 'web' });
});
