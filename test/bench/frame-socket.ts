/**
 * A websocket client that costs next to nothing (RFC 6455, no extensions): all sockets read into one block of memory, and a message is shown where it
 * lies. For a thousand of them in one process beside what is measured; only for a server on this machine.
 */
import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const READ = Buffer.allocUnsafeSlow(256 * 1024);
const MASKED = 0x80;
const OPCODE = 0x0f;
const [CONTINUED, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export interface FrameHandler {
  /** `message` is only good until this returns. */
  message(message: Buffer, isBinary: boolean): void;
  failed(error: Error): void;
}

export class FrameSocket {
  readonly #socket: Socket;
  readonly #handler: FrameHandler;
  readonly #key = randomBytes(16).toString('base64');
  #open = false;
  /** The beginning of what has not come whole. */
  #rest: Buffer | null = null;

  constructor(url: URL, handler: FrameHandler) {
    this.#handler = handler;
    const onread = { buffer: READ, callback: (length: number) => this.#read(length) };
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true, onread });
    this.#socket.on('error', (error) => handler.failed(error));
    this.#socket.on('close', () => handler.failed(new Error('the socket was closed')));
    this.#socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${this.#key}\r\n\r\n`,
    );
  }

  send(text: string): void {
    this.#write(TEXT, Buffer.from(text));
  }

  close(): void {
    this.#socket.destroy();
  }

  /** A mask of zeros is a mask too: nothing on this machine's loopback needs to be protected from what it spells. */
  #write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const head =
      length < 126 ? Buffer.from([0x80 | opcode, MASKED | length]) : Buffer.from([0x80 | opcode, MASKED | 126, length >> 8, length & 255]);
    if (length > 0xffff) throw new RangeError('a message of more than 64 KiB is not sent here');
    this.#socket.write(Buffer.concat([head, Buffer.alloc(4), payload]));
  }

  #read(length: number): boolean {
    const fresh = READ.subarray(0, length);
    const data = this.#rest ? Buffer.concat([this.#rest, fresh]) : fresh;
    let at = this.#open ? 0 : this.#opened(data);
    for (let end = this.#open ? this.#frame(data, at) : 0; end > 0; end = this.#frame(data, at)) at = end;
    this.#rest = at < data.length ? Buffer.from(data.subarray(at)) : null;
    return true;
  }

  /** Where the answer to the upgrade ends; 0 where it has not come whole. */
  #opened(data: Buffer): number {
    const end = data.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const answer = data.toString('latin1', 0, end);
    const accept = createHash('sha1').update(`${this.#key}${ACCEPT_SUFFIX}`).digest('base64');
    if (!/^HTTP\/1\.1 101 /.test(answer) || !answer.includes(accept))
      this.#handler.failed(new Error(`no websocket: ${answer.slice(0, 200)}`));
    else this.#open = true;
    return end + 4;
  }

  /** Where the frame at `at` ends; 0 where it has not come whole. */
  #frame(data: Buffer, at: number): number {
    if (data.length < at + 2) return 0;
    const first = data.readUInt8(at);
    const short = data.readUInt8(at + 1);
    const body = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    if (data.length < body) return 0;
    const length = short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
    const end = body + length;
    if (data.length < end) return 0;
    const opcode = first & OPCODE;
    if (first < 0x80 || opcode === CONTINUED || short & MASKED)
      this.#handler.failed(new Error(`a frame that was not expected: ${first}, ${short}`));
    else if (opcode === TEXT || opcode === BINARY) this.#handler.message(data.subarray(body, end), opcode === BINARY);
    else if (opcode === PING) this.#write(PONG, data.subarray(body, end));
    else if (opcode === CLOSE) this.#socket.destroy();
    return end;
  }
}
