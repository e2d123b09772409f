/** The log of a run over REST: its end, a time of it, lines that match, a file. */
import { gunzipSync } from 'node:zlib';
import { logMatchesSchema } from '@berth/shared/http/logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, problemFrom } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, logReport, ProtocolAgent } from './protocol-agent.ts';

let berth: Berth;
let client: BerthClient;
let agent: ProtocolAgent;
let logs: string;
let id: string;

const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 12, n)).toISOString();
const OUT = ['one: started', 'two: 50% done', 'three: an Error', 'four: ünïcode', 'the last line'];
const ERR = ['warning: low', 'error: gone'];

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  agent = new ProtocolAgent(await enrolHost(client, 'bare'));
  await eventually('the agent to have the whole set', () => agent.said('assign').length > 0);
  const { metadata } = await client.createRun({ image: 'hello-world' }, { name: 'talker' });
  id = metadata.id;
  const attempt = await agent.attemptOf(id);
  const written = { stdout: 0, stderr: 0 };
  const write = async (stream: 'stdout' | 'stderr', text: string, at: string) => {
    await agent.report({ logs: [logReport(attempt, written[stream], text, { stream, at })] });
    written[stream] += Buffer.byteLength(text);
  };
  // Lines are cut in pieces, and the pieces of the streams alternate.
  await write('stdout', `${OUT[0]}\ntwo: 5`, minute(0));
  await write('stderr', 'warn', minute(1));
  await write('stdout', `0% done\n${OUT[2]}\n`, minute(2));
  await write('stderr', `ing: low\n${ERR[1]}\n`, minute(3));
  await write('stdout', `${OUT[3]}\n${OUT[4]}\n`, minute(4));
  await agent.report({ phases: [exited(attempt)] });
  await client.waitRun(id);
  logs = `${client.base}/runs/${id}/logs`;
});
afterAll(async () => {
  agent?.close();
  await berth?.stop();
});

const text = async (query: string) => client.logs(id, query);
const linesOf = (stream: string[]) => stream.map((line) => `${line}\n`).join('');

describe('a log is read', () => {
  it.each([
    [2, linesOf(OUT.slice(3))],
    [0, ''],
    [1000, linesOf(OUT)],
  ])('by its last %i lines', async (tail, expected) => {
    expect(await text(`?stream=stdout&tail=${tail}`)).toBe(expected);
  });

  it('by its last lines of both streams, in the order in which they were written', async () => {
    expect(await text('?tail=3')).toBe(`${ERR[1]}\n${OUT[3]}\n${OUT[4]}\n`);
  });

  it('of a time, as ISO or in seconds', async () => {
    expect(await text(`?since=${minute(4)}`)).toBe(linesOf(OUT.slice(3)));
    expect(await text(`?since=${Date.parse(minute(3)) / 1000}&until=${minute(4)}`)).toBe(`ing: low\n${ERR[1]}\n`);
    expect(await text(`?since=${minute(10)}`)).toBe('');
  });

  it('with the time before every line, also where the line came in pieces', async () => {
    // The tail begins inside the first piece, whose time it keeps.
    const times = [0, 2, 4, 4].map(minute);
    expect(await text('?stream=stdout&timestamps=true&tail=4')).toBe(linesOf(times.map((time, n) => `${time} ${OUT[n + 1]}`)));
  });

  it('by the lines that match, whole, with what follows a stream', async () => {
    expect(await text('?search=error')).toBe(`${ERR[1]}\n`);
    expect(await text('?search=error&ignoreCase=true')).toBe(`${OUT[2]}\n${ERR[1]}\n`);
    expect(await text(`?search=${encodeURIComponent('^(two|warn).*')}&regex=true&follow=true`)).toBe(`${OUT[1]}\n${ERR[0]}\n`);
    expect(await text(`?search=${encodeURIComponent('50%')}&stream=stderr`)).toBe('');
  });

  it('up to a number of bytes, from a place', async () => {
    const all = await text('');
    expect(await text('?limit=1')).toBe(`${OUT[0]}\ntwo: 5`);
    expect(await text('?after=5')).toBe(all.slice(5));
  });

  it('as a file, and compressed', async () => {
    const answer = await client.send('GET', `${logs}?download=true`);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="talker.log"');
    const headers = { authorization: `Bearer ${client.account.token}` };
    const packed = await fetch(`${client.account.url}${logs}?download=true&gzip=true&stream=stdout`, { headers });
    expect(packed.headers.get('content-type')).toBe('application/gzip');
    expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(linesOf(OUT));
  });
});

describe('a search', () => {
  const search = async (query: string) => logMatchesSchema.parse(JSON.parse((await client.send('GET', `${logs}/search?${query}`)).text));

  it('tells where the lines are', async () => {
    const { items, next, searched, bytes } = await search('q=error&ignoreCase=true');
    const all = Buffer.from(await text(''));
    expect(items.map((item) => item.text)).toEqual([OUT[2], ERR[1]]);
    expect(items.map(({ position }) => position)).toEqual([all.indexOf(OUT[2] ?? ''), all.indexOf(ERR[1] ?? '')]);
    expect({ next, searched }).toEqual({ next: null, searched: bytes });
  });

  it('goes on where it stopped: no line is lost or comes twice', async () => {
    const found: string[] = [];
    let cursor = '';
    for (let calls = 0; calls < 20; calls++) {
      const { items, next } = await search(`q=${encodeURIComponent(':')}&limit=1${cursor}`);
      found.push(...items.map((item) => item.text));
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(found.sort()).toEqual([...OUT.slice(0, 4), ...ERR].sort());
  });

  it('is not found in another workspace', async () => {
    const stranger = await berth.tenant('strangers');
    expect((await stranger.send('GET', `${stranger.base}/runs/${id}/logs/search?q=a`)).status).toBe(404);
    expect((await stranger.send('GET', `${stranger.base}/runs/${id}/logs?tail=1`)).status).toBe(404);
  });
});

describe('what cannot be is refused at its field', () => {
  it.each([
    ['tail=1&after=2', 'tail'],
    ['since=yesterday', 'since'],
    ['follow=true&until=2026-01-01T00:00:00Z', 'until'],
    ['regex=true', 'regex'],
    ['gzip=true', 'gzip'],
    ['search=(&regex=true', 'search'],
    ['search=a{1000}{1000}&regex=true', 'search'],
    ['tial=3', 'tial'],
  ])('%s', async (query, field) => {
    const problem = await problemFrom(client.logs(id, `?${encodeURI(query)}`));
    expect(problem).toMatchObject({ status: 400, errors: [{ path: field }] });
  });
});
