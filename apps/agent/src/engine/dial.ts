/** Requests that dockerode's own methods cannot make: an answer's stream as soon as its headers are there. */
import type { IncomingMessage } from 'node:http';
import { addAbortSignal, type Duplex } from 'node:stream';
import type Docker from 'dockerode';

export interface StreamRequest {
  method: 'GET' | 'POST' | 'HEAD';
  /** Without the query. */
  path: string;
  query?: Record<string, string>;
  statusCodes: Record<number, true | string>;
  signal?: AbortSignal;
  authconfig?: { username: string; password: string; serveraddress: string };
}

/** Resolves with the headers of the answer. Rejects with docker-modem's error. */
export function dialStream(docker: Docker, request: StreamRequest): Promise<IncomingMessage> {
  const query = new URLSearchParams(request.query).toString();
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: query === '' ? request.path : `${request.path}?${query}&`,
        method: request.method,
        isStream: true,
        statusCodes: request.statusCodes,
        options: {},
        ...(request.signal ? { abortSignal: request.signal } : {}),
        ...(request.authconfig ? { authconfig: request.authconfig } : {}),
      },
      (error: unknown, stream: unknown) => {
        if (error) return reject(error);
        const answer = stream as IncomingMessage;
        // Node lets go of the signal once the request is sent; the answer is to end with it too.
        if (request.signal) addAbortSignal(request.signal, answer);
        resolve(answer);
      },
    );
  });
}

/** The raw connection of an attachment, opened for output only. */
export function dialAttachment(docker: Docker, containerId: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${containerId}/attach?stream=1&stdout=1&stderr=1&`,
        method: 'POST',
        isStream: true,
        hijack: true,
        openStdin: false,
        statusCodes: { 101: true, 200: true, 404: 'no such container', 409: 'conflict', 500: 'server error' },
        options: {},
      },
      (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as Duplex)),
    );
  });
}

/**
 * Keys that detach from a terminal. The engine has some unless others are named, and holds each back that may begin them: these are
 * bytes that no text has.
 */
const DETACH_KEYS = Array.from({ length: 16 }, () => '%FF').join(',');

/** The raw connection of an attachment for input only; half-closing it ends the input of a container that is made for that. */
export function dialInput(docker: Docker, containerId: string, tty: boolean): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${containerId}/attach?${tty ? `detachKeys=${DETACH_KEYS}&` : ''}`,
        method: 'POST',
        isStream: true,
        hijack: true,
        openStdin: true,
        statusCodes: { 101: true, 200: true, 404: 'no such container', 409: 'conflict', 500: 'server error' },
        // A body, because docker-modem sends its request with one only; the engine reads none.
        options: { _query: { stream: '1', stdin: '1' }, _body: { stdin: true } },
      },
      (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as Duplex)),
    );
  });
}

/** Lines of a JSON stream, parsed. Ends with the stream; throws where it breaks. */
export async function* jsonLines(stream: IncomingMessage): AsyncGenerator<unknown> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    rest += chunk;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end).trim();
      rest = rest.slice(end + 1);
      if (line !== '') yield JSON.parse(line);
    }
  }
  if (rest.trim() !== '') yield JSON.parse(rest);
}
