/** A door before a registry that lets layers through slowly, or not at all until it is opened: for what happens during a pull. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../scripts/parts/free-port.ts';
import type { RegistryPart } from './environment.ts';

export interface SlowRegistry {
  readonly server: string;
  /** Layers of more than 64 KiB stop after half of their bytes until `open` is called. */
  close(): void;
  open(): void;
  /** How many layers are being held. */
  held(): number;
  stop(): Promise<void>;
}

const SMALL = 64 * 1024;

export async function startSlowRegistry(behind: RegistryPart): Promise<SlowRegistry> {
  let gate: { opened: Promise<void>; open(): void } | undefined;
  let held = 0;
  const target = new URL(behind.url);
  const port = await freePort();
  const server = createServer((question, answer) => {
    const onward = request({
      host: target.hostname,
      port: target.port,
      path: question.url,
      method: question.method,
      headers: question.headers,
    });
    onward.once('response', (response) => void pass(response, question, answer));
    onward.once('error', () => answer.destroy());
    answer.once('close', () => onward.destroy());
    question.pipe(onward);
  });

  const pass = async (response: IncomingMessage, question: IncomingMessage, answer: ServerResponse) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    const length = Number(response.headers['content-length'] ?? 0);
    const slow = question.method === 'GET' && question.url?.includes('/blobs/') && length > SMALL;
    let passed = 0;
    const closed = once(answer, 'close');
    try {
      for await (const chunk of response) {
        if (slow && gate && passed + chunk.length > length / 2) {
          held++;
          await Promise.race([gate.opened, closed]);
          held--;
        }
        passed += chunk.length;
        if (!answer.write(chunk)) await drained(answer);
        // In pieces, so that progress can be seen.
        if (slow) await delay(1);
      }
      answer.end();
    } catch {
      answer.destroy();
    }
  };

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: `127.0.0.1:${port}`,
    close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = { opened: promise, open: resolve };
    },
    open() {
      gate?.open();
      gate = undefined;
    },
    held: () => held,
    async stop() {
      gate?.open();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Resolves also when the reader has gone. */
async function drained(answer: ServerResponse): Promise<void> {
  const listening = new AbortController();
  const { signal } = listening;
  await Promise.race([once(answer, 'drain', { signal }), once(answer, 'close', { signal })]).finally(() => listening.abort());
}
