import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RecordTime } from '../engine/record-time.ts';
import { recordTimeAt } from '../engine/record-time.ts';
import { maskRecord } from './masked-record.ts';
import { masked } from './masked-stream.ts';
import { SecretMatcher } from './secret-matcher.ts';

interface Message {
  bytes: Buffer;
  time: RecordTime | null;
}

const matcher = SecretMatcher.of(['secret-value', 'another']);
const NONE = { stdout: false, stderr: false };

function read(messages: readonly Message[], failure: Error | null, isLast: boolean): Message[] {
  const given: Message[] = [];
  if (!matcher) throw new Error('there is nothing to look for');
  const sink = maskRecord(
    matcher,
    { data: (_, bytes, time) => given.push({ bytes: Buffer.from(bytes), time }), end: () => undefined },
    isLast,
  );
  for (const { bytes, time } of messages) sink.data('stdout', bytes, time);
  sink.end(failure, NONE);
  return given;
}

it('gives messages as long as they were and at their times, masked as one stream', () => {
  const part = fc.constantFrom('secret-', 'value', 'secret-value', 'ano', 'ther', 'x', '\n');
  fc.assert(
    fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), (texts) => {
      const messages = texts.map((parts, index) => ({ bytes: Buffer.from(parts.join('')), time: recordTimeAt(index) }));
      const given = read(messages, null, true);
      expect(given.map(({ time, bytes }) => [time, bytes.length])).toEqual(messages.map(({ time, bytes }) => [time, bytes.length]));
      const all = Buffer.concat(messages.map(({ bytes }) => bytes));
      if (matcher) expect(Buffer.concat(given.map(({ bytes }) => bytes))).toEqual(masked(matcher, all));
    }),
  );
});

it('leaves out a message that is not decided where more may follow', () => {
  const messages = ['line\n', 'long secret-'].map((text, index) => ({ bytes: Buffer.from(text), time: recordTimeAt(index) }));
  const texts = (failure: Error | null, isLast: boolean) => read(messages, failure, isLast).map(({ bytes }) => bytes.toString());
  expect(texts(null, true)).toEqual(['line\n', 'long secret-']);
  expect(texts(null, false)).toEqual(['line\n']);
  expect(texts(new Error('broken'), true)).toEqual(['line\n']);
});
