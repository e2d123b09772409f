/** Stands between an agent and its engine: counts requests, and lets a test act or break the line at an exact moment. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

export interface ProxyRequest {
  method: string;
  /** Without version and query. */
  path: string;
  query: string;
}

/** `after` runs when the engine has answered, before the agent hears of it. */
export interface ProxyHooks {
  before?: (request: ProxyRequest) => void | Promise<void>;
  after?: (request: ProxyRequest) => void | Promise<void>;
}

export class EngineProxy {
  readonly host: string;
  readonly requests: ProxyRequest[] = [];
  hooks: ProxyHooks = {};
  readonly #socketPath: string;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  private constructor(engineSocket: string, folder: string) {
    this.#socketPath = engineSocket;
    const path = join(folder, 'engine-proxy.sock');
    this.host = `unix://${path}`;
    this.#server = createServer((incoming, outgoing) => {
      this.#pass(incoming, outgoing).catch(() => outgoing.destroy());
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void this.#upgrade(incoming, socket, head));
    this.#server.listen(path);
  }

  static async to(engineSocket: string, folder: string): Promise<EngineProxy> {
    const proxy = new EngineProxy(engineSocket, folder);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  count(method: string, path: RegExp): number {
    return this.requests.filter((seen) => seen.method === method && path.test(seen.path)).length;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #note(incoming: IncomingMessage): ProxyRequest {
    const [path = '', query = ''] = (incoming.url ?? '').split('?');
    const seen = { method: incoming.method ?? '', path, query };
    this.requests.push(seen);
    return seen;
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const seen = this.#note(incoming);
    await this.hooks.before?.(seen);
    const { method, headers, url: path } = incoming;
    const onward = request({ socketPath: this.#socketPath, method, headers, path });
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    await this.hooks.after?.(seen);
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    outgoing.flushHeaders();
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  }

  async #upgrade(incoming: IncomingMessage, near: Duplex, head: Buffer): Promise<void> {
    await this.hooks.before?.(this.#note(incoming));
    const far = connect(this.#socketPath);
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
    for (let i = 0; i < incoming.rawHeaders.length; i += 2) lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
    far.write(`${lines.join('\r\n')}\r\n\r\n`);
    far.write(head);
    this.#sockets.add(far);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  }
}
