import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { OutputSink, OutputStream } from '../engine/container-engine.ts';
import { AttemptOutput, type AttemptOutputOptions } from './attempt-output.ts';
import { OutputBudget } from './output-budget.ts';
import { SpoolRoom } from './spool-room.ts';

/** An engine whose record has all that was ever written, and whose attachments are ended by hand. */
class Recorded {
  readonly #record: { stream: OutputStream; text: string }[] = [];
  readonly readings: string[] = [];
  attachment: OutputSink | null = null;

  readonly engine: AttemptOutputOptions['engine'] = {
    recordBytes: 100_000_000,
    attach: async (_id, _tty, sink) => {
      this.attachment = sink;
      return { ok: true, value: { pause: () => undefined, resume: () => undefined, close: () => undefined } };
    },
    readLogs: async ({ since }, sink) => {
      this.readings.push(String(since));
      // By a clock that was set back meanwhile all of it is of the future.
      for (const { stream, text } of this.#record) sink.data(stream, Buffer.from(text), '2099-01-01T00:00:00.000000000Z');
      sink.end(null, { stdout: false, stderr: false });
      return { ok: true, value: { pause: () => undefined, resume: () => undefined, close: () => undefined } };
    },
  };

  write(text: string): void {
    this.#record.push({ stream: 'stdout', text });
    this.attachment?.data('stdout', Buffer.from(text));
  }
}

async function outputOf({ engine }: Recorded): Promise<AttemptOutput> {
  const home = await mkdtemp(join(tmpdir(), 'berth-output-'));
  onTestFinished(() => rm(home, { recursive: true }));
  return new AttemptOutput({
    attemptId: 'att_1',
    tty: false,
    engine,
    budget: new OutputBudget(),
    spool: await SpoolRoom.open(home, 0),
    storedTails: async () => 'unknown',
    masking: () => null,
    changed: () => undefined,
    log: () => undefined,
  });
}

it('of a start that came to nothing nothing is read, however often: what the lives before wrote is there once', async () => {
  const recorded = new Recorded();
  const output = await outputOf(recorded);
  await output.attach('c1');
  recorded.write('the first life\n');
  recorded.attachment?.end(null, { stdout: false, stderr: false });
  await output.finish('c1', true, 1000);
  for (let tries = 0; tries < 3; tries++) {
    await output.attach('c1');
    // The engine lets it go where the start fails, or does not.
    if (tries === 1) recorded.attachment?.end(null, { stdout: false, stderr: false });
    await output.letGo('c1');
    expect(output.complete).toBe(true);
  }
  await output.attach('c1');
  recorded.write('the second life\n');
  recorded.attachment?.end(null, { stdout: false, stderr: false });
  await output.finish('c1', true, 1000);
  expect(output.buffer.next.stdout).toBe('the first life\nthe second life\n'.length);
  expect(recorded.readings).toEqual([]);
});
