import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitAlike } from './emit-alike.ts';

const http = createServer();
const server = new Server(http);
const members: Socket[] = [];
server.on('connection', (socket) => members.push(socket));

beforeAll(() => new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

const connect = async (transports: string[]) => {
  const { port } = http.address() as AddressInfo;
  const client = io(`http://127.0.0.1:${port}`, { transports, forceNew: true });
  const received: unknown[] = [];
  client.on('tail', (payload) => received.push(payload));
  await new Promise<void>((resolve) => client.on('connect', resolve));
  return { client, received, next: () => new Promise((resolve) => client.once('last', resolve)) };
};

describe('what is emitted alike', () => {
  it('comes to all, whole and in order, however long it is and whatever was emitted before', async () => {
    const clients = [await connect(['websocket']), await connect(['websocket']), await connect(['polling'])];
    // Where a frame says its length in another way: 125, 126 to 65,535, and more; in letters of more than one byte, too.
    const payloads = [1, 60, 125, 126, 1000, 65_400, 65_535, 65_600, 300_000].map((length, number) => ({
      number,
      text: (number % 2 === 0 ? 'x' : 'ü').repeat(length),
    }));
    for (const payload of payloads) {
      if (payload.number % 3 === 0) for (const socket of members) socket.emit('other', payload.number);
      emitAlike(members, 'tail', payload);
    }
    const ends = clients.map(({ next }) => next());
    for (const socket of members) socket.emit('last');
    await Promise.all(ends);
    for (const { received } of clients) expect(received).toEqual(payloads);
    for (const { client } of clients) client.close();
  });

  it('is refused where it holds binary data', async () => {
    const { client } = await connect(['websocket']);
    expect(() => emitAlike(members.slice(-1), 'tail', { data: Buffer.from('x') })).toThrow('binary');
    client.close();
  });
});
