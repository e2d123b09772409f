/** A TCP link that a test can cut, mend and slow down: what stands between an agent or a browser and the api, or several replicas of it. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline, Transform } from 'node:stream';

interface State {
  open: boolean;
  delayMs: number;
}

export class Link {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #state: State;

  private constructor(url: string, server: Server, sockets: Set<Socket>, state: State) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
    this.#state = state;
  }

  /** Of several targets each connection takes the next one that answers. `address`: of an interface of this machine, to listen on. */
  static async to(targets: string | readonly string[], address = '127.0.0.1'): Promise<Link> {
    const all = [targets].flat().map((url) => new URL(url));
    const sockets = new Set<Socket>();
    const state: State = { open: true, delayMs: 0 };
    let turn = 0;
    const keep = (socket: Socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    };
    const server = createServer({ allowHalfOpen: true }, (near) => {
      if (!state.open) {
        near.resetAndDestroy();
        return;
      }
      keep(near);
      const first = turn++;
      const reach = (tried: number) => {
        const target = all[(first + tried) % all.length];
        if (!target || tried === all.length || near.destroyed) return void near.resetAndDestroy();
        const far = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true });
        const next = () => reach(tried + 1);
        far.once('error', next);
        far.once('connect', () => {
          far.off('error', next);
          join(near, far, state);
        });
        keep(far);
      };
      reach(0);
    });
    server.listen(0, address);
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the link has no port');
    return new Link(`http://${address}:${bound.port}`, server, sockets, state);
  }

  /** Resets every connection and refuses new ones. */
  cut(): void {
    this.#state.open = false;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#state.open = true;
  }

  /** Every piece, either way, takes so much longer from now on. */
  slow(delayMs: number): void {
    this.#state.delayMs = delayMs;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Either end that breaks takes the other one along; one that says that it has no more is heard to the end. */
function join(near: Socket, far: Socket, state: State): void {
  if (near.destroyed) return void far.destroy();
  const over = (error: Error | null | undefined) => {
    if (!error) return;
    near.destroy();
    far.destroy();
  };
  pipeline(near, delayed(state), far, over);
  pipeline(far, delayed(state), near, over);
}

const delayed = (state: State) =>
  new Transform({
    transform(piece, _encoding, done) {
      if (state.delayMs === 0) done(null, piece);
      else setTimeout(() => done(null, piece), state.delayMs);
    },
  });
