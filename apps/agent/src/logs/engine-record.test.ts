import { expect, it } from 'vitest';
import type { ReadLogsRequest, RecordSink } from '../engine/container-engine.ts';
import { type RecordTime, recordTimeAt } from '../engine/record-time.ts';
import { EngineRecord, type EngineRecordOptions } from './engine-record.ts';
import { OutputBuffer } from './output-buffer.ts';

const MINUTE = 60_000;
/** A reading that finds nothing new, again and again, would go on for ever. */
const MOST_READINGS = 10;

interface Message {
  text: string;
  time: RecordTime;
}
const lines = (name: string, from: number): Message[] =>
  Array.from({ length: 20 }, (_, index) => ({ text: `${name} ${index}\n`, time: recordTimeAt(from + index * 100) }));
const textOf = (messages: readonly Message[]) => messages.map(({ text }) => text).join('');

/** An engine with a record of one stream, as Docker gives it: messages of `since` or later, in the order in which they were written. */
class Recorded {
  readonly messages: Message[];
  readings = 0;
  ended = false;
  #following: RecordSink | null = null;

  constructor(messages: readonly Message[]) {
    this.messages = [...messages];
  }

  readonly engine: EngineRecordOptions['engine'] = {
    recordBytes: 100_000_000,
    readLogs: async ({ since, follow }: ReadLogsRequest, sink) => {
      if (++this.readings > MOST_READINGS) throw new Error('it is read again and again');
      let closed = false;
      const close = () => {
        closed = true;
        this.#following = null;
      };
      // As from a socket: after the answer.
      setImmediate(() => {
        for (const { text, time } of this.messages) {
          if (closed) return;
          if (since === null || time >= since) sink.data('stdout', Buffer.from(text), time);
        }
        if (closed) return;
        if (follow && !this.ended) this.#following = sink;
        else sink.end(null, { stdout: false, stderr: false });
      });
      return { ok: true, value: { pause: () => undefined, resume: () => undefined, close } };
    },
  };

  write(message: Message): void {
    this.messages.push(message);
    this.#following?.data('stdout', Buffer.from(message.text), message.time);
  }

  end(): void {
    this.ended = true;
    this.#following?.end(null, { stdout: false, stderr: false });
  }
}

interface Given {
  recorded: Recorded;
  /** All that is stored of it, and when the last of it was written. */
  stored: string;
  at: number;
  base: ReturnType<EngineRecordOptions['base']>;
  /** What is still to come ends so, but for what is written while it is followed. */
  last: string;
}

/** What is read of a container whose agent was started again; something more is written once the reading has come to `last`, and then it ends. */
async function readAgain({ recorded, stored, at, base, last }: Given, more: Message): Promise<string> {
  const buffer = new OutputBuffer('att_1', { stdout: stored.length, stderr: 0 });
  buffer.tail.restart('stdout', { bytes: Buffer.from(stored.slice(-400)), at });
  let read = '';
  const over = Promise.withResolvers<void>();
  const caughtUp = Promise.withResolvers<void>();
  const record = new EngineRecord({
    containerId: 'c1',
    tty: false,
    engine: recorded.engine,
    mask: (sink) => sink,
    buffer,
    base: () => base,
    tails: async () => true,
    roomy: () => true,
    data: (stream, bytes, time) => {
      buffer.append(stream, bytes, time);
      read += bytes.toString();
      if (read.endsWith(last) || read.endsWith(more.text)) caughtUp.resolve();
    },
    missing: (__, why) => over.reject(new Error(why)),
    over: () => over.resolve(),
    failed: (why) => over.reject(new Error(why)),
    log: () => undefined,
  });
  record.read(false);
  await Promise.race([caughtUp.promise, over.promise]);
  recorded.write(more);
  recorded.end();
  record.read(true);
  await over.promise;
  record.close();
  return read;
}

it.each([
  ['is behind what was written before', -10 * MINUTE, 50 * MINUTE],
  ['has come there again', -40 * MINUTE, -10 * MINUTE],
])(
  'after the agent was started again, what a container wrote is read once, where its clock was set back and %s',
  async (_, here, before) => {
    const now = Date.now();
    const [early, late, news] = [lines('early', now + before), lines('late', now + here), lines('new', now + here + 5 * MINUTE)];
    const stored = textOf([...early, ...late]);
    const recorded = new Recorded([...early, ...late, ...news]);
    const base = { since: null, offsets: { stdout: 0, stderr: 0 } };
    const more = { text: 'and more\n', time: recordTimeAt(now + here + 9 * MINUTE) };
    const read = await readAgain({ recorded, stored, at: now + here + 1900, base, last: 'new 19\n' }, more);
    expect(read).toBe(textOf([...news, more]));
  },
);

it.each([
  ['was set back between them', 50 * MINUTE, -10 * MINUTE],
  ['is behind that of the engine', 60 * MINUTE, 61 * MINUTE],
])('lives that write the same are told apart where the clock %s', async (_, first, second) => {
  const now = Date.now();
  const [one, two, news] = [lines('same', now + first), lines('same', now + second), lines('new', now + second + MINUTE)];
  const stored = textOf([...one, ...two]);
  const recorded = new Recorded([...one, ...two, ...news]);
  const base = { since: recordTimeAt(now - 10 * MINUTE - 100), offsets: { stdout: textOf(one).length, stderr: 0 } };
  const more = { text: 'and more\n', time: recordTimeAt(now + second + 2 * MINUTE) };
  const read = await readAgain({ recorded, stored, at: now + second + 1900, base, last: 'new 19\n' }, more);
  expect(read).toBe(textOf([...news, more]));
});
