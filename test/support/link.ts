/** A TCP link that a test can cut and mend: what stands between an agent or a browser and the api. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Link {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #state: { open: boolean };

  private constructor(url: string, server: Server, sockets: Set<Socket>, state: { open: boolean }) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
    this.#state = state;
  }

  static async to(targetUrl: string): Promise<Link> {
    const target = new URL(targetUrl);
    const sockets = new Set<Socket>();
    const state = { open: true };
    const server = createServer((near) => {
      if (!state.open) {
        near.resetAndDestroy();
        return;
      }
      const far = connect(Number(target.port), target.hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the link has no port');
    return new Link(`http://127.0.0.1:${address.port}`, server, sockets, state);
  }

  /** Resets every connection and refuses new ones. */
  cut(): void {
    this.#state.open = false;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#state.open = true;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
