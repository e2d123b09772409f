import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, NodeWebSocket } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import { websocketFor } from './websocket.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The mask of the first frame that a client sends which dials with it. */
function firstMask(transport: typeof NodeWebSocket): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = createServer();
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    // Engine.IO's greeting, as one text frame: the client answers with the name of its namespace.
    const greeting = Buffer.from('0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}');
    socket.write(Buffer.concat([Buffer.from([0x81, greeting.length]), greeting]));
    socket.once('data', (frame: Buffer) => resolve(frame.subarray(2, 6)));
    ends.push(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    const client = io(`http://127.0.0.1:${port}`, { transports: [transport], reconnection: false });
    ends.push(() => client.close());
  });
  ends.push(() => void server.close());
  return promise;
}

describe('the websocket of an agent', () => {
  it('masks what it sends where a proxy could read it', async () => {
    expect(websocketFor('http://berth.example.com:3000')).toBe(NodeWebSocket);
    expect(websocketFor('http://10.0.0.5')).toBe(NodeWebSocket);
    const masks = await Promise.all([firstMask(NodeWebSocket), firstMask(NodeWebSocket)]);
    expect(masks.some((mask) => !mask.equals(Buffer.alloc(4)))).toBe(true);
  });

  it('sends its bytes as they are within TLS and on its own machine', async () => {
    for (const url of ['https://berth.example.com', 'http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000']) {
      const transport = websocketFor(url);
      expect(transport).not.toBe(NodeWebSocket);
      expect(await firstMask(transport)).toEqual(Buffer.alloc(4));
    }
  });
});
