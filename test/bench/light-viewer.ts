/**
 * A viewer of one log that costs next to nothing: socket.io's protocol (5, over Engine.IO 4) spoken by hand. A thousand clients of the real library
 * take a core of the machine that is measured; that they receive the same is tested elsewhere.
 */
import { CONSOLE_NAMESPACE, type LogChunk, type Push, SOCKET_PATH, TAKEN_BYTES, type Tail } from '@berth/shared/events/console-socket';
import { chunksFrom } from '@berth/shared/events/log-chunks';
import { unpack } from '@berth/shared/protocol/packed';
import type { Account } from '../support/client.ts';
import { FrameSocket } from './frame-socket.ts';

const SUB = 's';
const decode = (data: Tail['data']) => (typeof data === 'string' ? new Uint8Array(Buffer.from(data, 'base64')) : data);

/** A batch. Viewers of the same frame are given the same object. */
export interface Received {
  readonly from: number;
  readonly chunks: readonly LogChunk[];
  readonly next: number;
  readonly complete: boolean;
}

const receivedOf = ({ from, chunks, data, next, complete }: Tail): Received => ({
  from,
  chunks: unpack(chunks, decode(data)),
  next,
  complete,
});

/**
 * Viewers of one log get the same frames: each is read once, and compared byte for byte by the others. By its first bytes, which say where in the
 * log it begins; so many that a viewer that is seconds behind finds its frame too.
 */
const known = new Map<string, { frame: Buffer; received: Received }>();
const KNOWN_FRAMES = 256;
const FIRST_BYTES = 120;

function remember(key: string, frame: Buffer, received: Received): void {
  known.set(key, { frame: Buffer.from(frame), received });
  const [oldest] = known.keys();
  if (known.size > KNOWN_FRAMES && oldest !== undefined) known.delete(oldest);
}

export class LightViewer {
  readonly #socket: FrameSocket;
  readonly #account: Account;
  #position = 0;
  #told = 0;
  /** An event whose bytes come as the next frame: a push, which is answered, or a tail of more than its sender makes text of. */
  #half: { push: Push; answer: string } | { tail: Tail } | null = null;
  #take: (batch: Received) => void = () => undefined;
  #done: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;
  #ready: () => void = () => undefined;

  private constructor(account: Account) {
    this.#account = account;
    const url = new URL(`${SOCKET_PATH}/?EIO=4&transport=websocket`, account.url);
    this.#socket = new FrameSocket(url, {
      message: (data, isBinary) => (isBinary ? this.#bytes(data) : this.#frame(data)),
      failed: (error) => this.#failed(error),
    });
  }

  static async connect(account: Account): Promise<LightViewer> {
    const viewer = new LightViewer(account);
    await new Promise<void>((ready, failed) => {
      viewer.#ready = ready;
      viewer.#failed = failed;
    });
    return viewer;
  }

  /** Every byte of the log once, in order. Resolves when it is complete. */
  followLog(run: string, take: (batch: Received) => void): Promise<void> {
    this.#take = take;
    this.#socket.send(
      `42${CONSOLE_NAMESPACE},0${JSON.stringify(['subscribe', { channel: 'log', sub: SUB, workspace: this.#account.workspace, run, after: 0 }])}`,
    );
    return new Promise((done, failed) => {
      this.#done = done;
      this.#failed = failed;
    });
  }

  close(): void {
    this.#socket.close();
  }

  #frame(frame: Buffer): void {
    const key = frame.toString('latin1', 0, FIRST_BYTES);
    const same = known.get(key);
    if (same?.frame.equals(frame)) this.#tail(same.received);
    else this.#text(frame.toString(), frame, key);
  }

  #text(text: string, frame: Buffer, key: string): void {
    const body = text.indexOf('[');
    if (text === '2') this.#socket.send('3');
    else if (text.startsWith('0')) this.#socket.send(`40${CONSOLE_NAMESPACE},${JSON.stringify({ token: this.#account.token })}`);
    else if (text.startsWith('40')) this.#ready();
    else if (text.startsWith('42')) {
      const [event, payload] = JSON.parse(text.slice(body));
      if (event === 'tail') {
        const received = receivedOf(payload);
        remember(key, frame, received);
        this.#tail(received);
      } else this.#failed(new Error(`an event without bytes: ${text.slice(0, 200)}`));
    } else if (text.startsWith('451-')) {
      const [event, payload] = JSON.parse(text.slice(body));
      this.#half = event === 'tail' ? { tail: payload } : { push: payload, answer: text.slice(`451-${CONSOLE_NAMESPACE},`.length, body) };
    } else if (text.startsWith('43')) {
      const [answer] = JSON.parse(text.slice(body));
      if (!answer.ok) this.#failed(new Error(`refused: ${answer.detail}`));
    }
  }

  #bytes(data: Buffer): void {
    const half = this.#half;
    this.#half = null;
    const bytes = new Uint8Array(data);
    if (!half) this.#failed(new Error('bytes without an event'));
    else if ('tail' in half) this.#tail(receivedOf({ ...half.tail, data: bytes }));
    else if (half.push.channel === 'log') {
      const { chunks, next, complete } = half.push;
      this.#receive({ from: this.#position, chunks: unpack(chunks, bytes), next, complete });
      this.#told = next;
      this.#socket.send(`43${CONSOLE_NAMESPACE},${half.answer}[]`);
    }
  }

  #tail(received: Received): void {
    const { from, next } = received;
    if (from > this.#position) this.#failed(new Error(`bytes ${this.#position} to ${from} were never sent`));
    this.#receive(received);
    if (next - this.#told < TAKEN_BYTES) return;
    this.#told = next;
    this.#socket.send(`42${CONSOLE_NAMESPACE},${JSON.stringify(['taken', { sub: SUB, next }])}`);
  }

  #receive(received: Received): void {
    const from = this.#position;
    this.#take(received.from === from ? received : { ...received, from, chunks: chunksFrom(received.chunks, from) });
    this.#position = received.next;
    if (received.complete) this.#done();
  }
}
