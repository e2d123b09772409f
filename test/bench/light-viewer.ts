/**
 * A viewer of one log that costs next to nothing: socket.io's protocol (5, over Engine.IO 4) spoken by hand. A thousand clients of the real library
 * take a core of the machine that is measured; that they receive the same is tested elsewhere.
 */
import { CONSOLE_NAMESPACE, type LogChunk, type Push, SOCKET_PATH, TAKEN_BYTES, type Tail } from '@berth/shared/events/console-socket';
import { chunksFrom } from '@berth/shared/events/log-chunks';
import { unpack } from '@berth/shared/protocol/packed';
import WebSocket from 'ws';
import type { Account } from '../support/client.ts';

const SUB = 's';
const decode = (data: Tail['data']) => (typeof data === 'string' ? new Uint8Array(Buffer.from(data, 'base64')) : data);

interface Received {
  from: number;
  chunks: LogChunk[];
  next: number;
  complete: boolean;
}

const receivedOf = ({ from, chunks, data, next, complete }: Tail): Received => ({
  from,
  chunks: unpack(chunks, decode(data)),
  next,
  complete,
});

/** Viewers of one log get the same frames: each compares its own with the last one that was read, byte for byte, and reads it where it is another. */
let last: { frame: Buffer; received: Received } | null = null;

export class LightViewer {
  readonly #socket: WebSocket;
  readonly #account: Account;
  #position = 0;
  #told = 0;
  /** An event whose bytes come as the next frame: a push, which is answered, or a tail of more than its sender makes text of. */
  #half: { push: Push; answer: string } | { tail: Tail } | null = null;
  #take: (chunk: LogChunk) => void = () => undefined;
  #done: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;
  #ready: () => void = () => undefined;

  private constructor(account: Account) {
    this.#account = account;
    const url = new URL(`${SOCKET_PATH}/?EIO=4&transport=websocket`, account.url);
    url.protocol = 'ws:';
    this.#socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
    this.#socket.binaryType = 'nodebuffer';
    this.#socket.on('message', (data: Buffer, isBinary) => (isBinary ? this.#bytes(data) : this.#frame(data)));
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#failed(new Error('the socket was closed')));
  }

  static async connect(account: Account): Promise<LightViewer> {
    const viewer = new LightViewer(account);
    await new Promise<void>((ready, failed) => {
      viewer.#ready = ready;
      viewer.#failed = failed;
    });
    return viewer;
  }

  /** Resolves when the log is complete. */
  followLog(run: string, take: (chunk: LogChunk) => void): Promise<void> {
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
    if (last?.frame.equals(frame)) this.#tail(last.received);
    else this.#text(frame.toString(), frame);
  }

  #text(text: string, frame: Buffer): void {
    const body = text.indexOf('[');
    if (text === '2') this.#socket.send('3');
    else if (text.startsWith('0')) this.#socket.send(`40${CONSOLE_NAMESPACE},${JSON.stringify({ token: this.#account.token })}`);
    else if (text.startsWith('40')) this.#ready();
    else if (text.startsWith('42')) {
      const [event, payload] = JSON.parse(text.slice(body));
      if (event === 'tail') {
        last = { frame, received: receivedOf(payload) };
        this.#tail(last.received);
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
      this.#receive(unpack(half.push.chunks, bytes), half.push.next, half.push.complete);
      this.#told = half.push.next;
      this.#socket.send(`43${CONSOLE_NAMESPACE},${half.answer}[]`);
    }
  }

  #tail({ from, chunks, next, complete }: Received): void {
    if (from > this.#position) this.#failed(new Error(`bytes ${this.#position} to ${from} were never sent`));
    this.#receive(chunks, next, complete);
    if (next - this.#told < TAKEN_BYTES) return;
    this.#told = next;
    this.#socket.send(`42${CONSOLE_NAMESPACE},${JSON.stringify(['taken', { sub: SUB, next }])}`);
  }

  #receive(chunks: LogChunk[], next: number, complete: boolean): void {
    for (const chunk of chunksFrom(chunks, this.#position)) this.#take(chunk);
    this.#position = next;
    if (complete) this.#done();
  }
}
