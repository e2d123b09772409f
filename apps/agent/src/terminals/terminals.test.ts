import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Terminals } from './terminals.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** A program that writes `output` as fast as it is taken, and never reads. */
async function open(output: Buffer) {
  let at = 0;
  const stream = new Duplex({
    read() {
      const piece = output.subarray(at, at + 16 * 1024);
      at += piece.length;
      this.push(piece.length > 0 ? piece : null);
    },
    write: () => undefined,
  });
  const exit = new Promise<number | null>((resolve) => void stream.once('end', () => resolve(0)));
  const terminals = new Terminals({
    openTerminal: async () => ({ ok: true, value: { stream, exit, resize: async () => undefined, end: () => undefined } }),
  });
  const opened = await terminals.open('attempt', 'container', { command: ['sh'], columns: 80, rows: 24 }, null);
  if (!opened.ok) throw new Error(opened.failure.message);
  return { terminals, id: opened.value.terminal, stream };
}
/** All that can happen without time going by. */
const settle = async () => {
  for (let n = 0; n < 200; n++) await turn();
};
const pass = async (ms: number) => {
  for (let gone = 0; gone < ms; gone += 20) {
    vi.advanceTimersByTime(20);
    for (let n = 0; n < 20; n++) await turn();
  }
};

test('the shell waits for a reader that is slow and falters, for as long as it asks: it misses nothing', async () => {
  const output = Buffer.from(Array.from({ length: 1_500_000 }, (_, line) => `${line}\n`).join(''));
  const { terminals, id } = await open(output);
  const read: Buffer[] = [];
  let position = 0;
  await settle();
  for (let reads = 1; ; reads++) {
    const piece = await terminals.read('attempt', id, position, 0);
    if (!piece.ok) throw new Error(piece.failure.message);
    expect(piece.value.from).toBe(position);
    const data = Buffer.from(piece.value.data, 'base64');
    read.push(data);
    position += data.length;
    if (piece.value.ended) break;
    await pass(reads === 100 ? 4900 : 20);
  }
  expect(Buffer.concat(read).equals(output)).toBe(true);
  terminals.close();
});

test('a reader that has gone does not hold the shell up; who comes later is told what is gone', async () => {
  const output = Buffer.alloc(3 * 1024 * 1024, 'x');
  const { terminals, id } = await open(output);
  await settle();
  vi.advanceTimersByTime(20_000);
  await settle();
  const piece = await terminals.read('attempt', id, 0, 0);
  expect(piece).toMatchObject({ ok: true, value: { from: 2 * 1024 * 1024 } });
  terminals.close();
});

test('what is typed into a program that does not read is refused before it fills the memory', async () => {
  const { terminals, id, stream } = await open(Buffer.from('never reads'));
  const pieces = Array.from({ length: 100 }, () => terminals.write('attempt', id, Buffer.alloc(64 * 1024)));
  expect(pieces[0]).toEqual({ ok: true, value: {} });
  expect(pieces.at(-1)).toMatchObject({ ok: false, failure: { message: 'its program does not read what is typed' } });
  expect(stream.writableLength).toBeLessThanOrEqual(1024 * 1024);
  terminals.close();
});
