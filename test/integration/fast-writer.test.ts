/** A container that writes more, and faster, than its log can go up: nobody holds it up, and what is lost is stated in its place, to the byte (law L7). */
import { readFileSync } from 'node:fs';
import { logMatchesSchema } from '@berth/shared/http/logs';
import type { Run } from '@berth/shared/model/run';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../support/berth.ts';
import { eventually } from '../support/eventually.ts';
import { containersOf, type FaultStage, openFaultStage, sh } from './fault-stage.ts';

const LINE = 'a line of an ordinary length, as a web server writes them, of which there are many';
const LINES = 200_000;
const TIMES = 12;
/** More than memory, disk and engine's pipe take together is written. */
const SPOOL_BYTES = 32 * 1024 * 1024;
const MOST_RESIDENT_KIB = 300_000;

let stage: FaultStage;
let roomy: Agent;
let narrow: Agent;

beforeAll(async () => {
  stage = await openFaultStage();
});
afterAll(() => stage?.close());

/** Numbered lines, made first, so that writing is all that is done then: the same file over and over. */
const script = `
  awk 'BEGIN { for (i = 0; i < ${LINES}; i++) printf "%07d ${LINE}\\n", i }' > /tmp/lines
  touch /ready; while [ ! -e /go ]; do sleep 0.1; done
  i=0; while [ $i -lt ${TIMES} ]; do cat /tmp/lines; i=$((i+1)); done`;
const written = Buffer.from(Array.from({ length: LINES }, (_, line) => `${String(line).padStart(7, '0')} ${LINE}\n`).join(''));

const pieceSchema = z.object({
  position: z.int(),
  next: z.int(),
  data: z.string(),
  dropped: z.int(),
  droppedReason: z.string().nullable(),
});

/** Reads the whole log, and throws where a byte is not the one that was written there. */
async function readLog({ metadata }: Run): Promise<{ received: number; dropped: number; reasons: Set<string> }> {
  const found = { received: 0, dropped: 0, reasons: new Set<string>() };
  for (let after = 0; ; ) {
    const path = `${stage.client.base}/runs/${metadata.id}/logs?after=${after}&limit=4000000`;
    const { text } = await stage.client.send('GET', path, undefined, { accept: 'application/x-ndjson' });
    const pieces = text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => pieceSchema.parse(JSON.parse(line)));
    if (pieces.length === 0) return found;
    for (const { position, next, data, dropped, droppedReason } of pieces) {
      expect(position).toBe(after);
      after = next;
      found.dropped += dropped;
      if (droppedReason !== null) found.reasons.add(droppedReason);
      const bytes = Buffer.from(data, 'base64');
      found.received += bytes.length;
      for (let at = 0; at < bytes.length; ) {
        const place = (position + at) % written.length;
        const length = Math.min(bytes.length - at, written.length - place);
        if (bytes.compare(written, place, place + length, at, at + length) !== 0)
          throw new Error(`a byte between ${position + at} and ${position + at + length} of the log is not the one that was written there`);
        at += length;
      }
    }
  }
}

/** The places of the lines that hold it, in as many calls as it takes. */
async function search({ metadata }: Run, text: string): Promise<number[]> {
  const places: number[] = [];
  for (let cursor = ''; ; ) {
    const path = `${stage.client.base}/runs/${metadata.id}/logs/search?q=${encodeURIComponent(text)}${cursor}`;
    const { items, next } = logMatchesSchema.parse(JSON.parse((await stage.client.send('GET', path)).text));
    places.push(...items.map(({ position }) => position));
    if (next === null) return places;
    cursor = `&cursor=${next}`;
  }
}

/** All of it is written while nothing can go up. */
async function writeWhileFrozen(run: Run): Promise<void> {
  await stage.client.waitRun(run.metadata.id, 'running');
  await eventually('its lines to be made', async () => (await stage.client.exec(run.metadata.id, ['test', '-e', '/ready'])).exitCode === 0);
  await stage.client.exec(run.metadata.id, ['touch', '/go']);
  stage.berth.api.freeze();
  try {
    let state = '';
    await eventually(
      'the container to end while the api is frozen',
      async () => {
        [{ State: state } = { State: '' }] = await containersOf(stage.engine, run);
        return state === 'exited';
      },
      () => state,
      60_000,
    );
  } finally {
    stage.berth.api.thaw();
  }
  await stage.client.waitRun(run.metadata.id);
}

const peakKiB = (pid: number) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

it('a container writes on while nothing goes up, and all of it comes from the disk of its host afterwards', async () => {
  roomy = await stage.berth.startAgent({ engine: stage.engine });
  const run = await stage.client.createRun(sh(script));
  await writeWhileFrozen(run);
  expect(await readLog(run)).toEqual({ received: TIMES * written.length, dropped: 0, reasons: new Set() });
  expect(peakKiB(roomy.pid)).toBeLessThan(MOST_RESIDENT_KIB);
  const { text: tail } = await stage.client.send('GET', `${stage.client.base}/runs/${run.metadata.id}/logs?tail=1`);
  const last = `${String(LINES - 1).padStart(7, '0')} ${LINE}\n`;
  expect(tail).toBe(last);
  const places = Array.from({ length: TIMES }, (_, time) => (time + 1) * written.length - last.length);
  expect(await search(run, last.slice(0, 9))).toEqual(places);
  await roomy.stop();
  // Noticed, so that the next run is not given to it.
  const states = async () => (await stage.client.listHosts()).items.map(({ status }) => status.state);
  await eventually('its end to be noticed', async () => !(await states()).includes('ready'), states);
});

it('where the disk has less room, what is lost is stated where it is missing, and every byte that came stands where it was written', async () => {
  narrow = await stage.berth.startAgent({ engine: stage.engine, env: { BERTH_SPOOL_BYTES: String(SPOOL_BYTES) } });
  const run = await stage.client.createRun(sh(script));
  await writeWhileFrozen(run);
  const { received, dropped, reasons } = await readLog(run);
  expect(received + dropped).toBe(TIMES * written.length);
  expect(dropped).toBeGreaterThan(0);
  expect([...reasons]).toEqual(['the way to Berth was slower than its output, of which the host keeps 32 MiB meanwhile']);
  expect(peakKiB(narrow.pid)).toBeLessThan(MOST_RESIDENT_KIB);
});
