/** Opens the engine at an address. dockerode is loaded here, after its unused parts were put aside. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type Docker from 'dockerode';

/** `address`: unix:///… or tcp://host:port. */
export async function connectDocker(address: string): Promise<Docker> {
  endBrokenAnswers();
  const { default: DockerClient } = await import('dockerode');
  const url = new URL(address);
  if (url.protocol === 'unix:') return new DockerClient({ socketPath: url.pathname });
  return new DockerClient({ protocol: 'http', host: url.hostname, port: Number(url.port || 2375) });
}

let watching = false;

/**
 * docker-modem waits for the end of an answer and for nothing else (modem.js, `res.on('end')`): of an engine that dies in the middle of one it
 * hears nothing, and whoever asked waits for ever. The request is told of it here; it has answered already where all came.
 */
function endBrokenAnswers(): void {
  if (watching) return;
  watching = true;
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: ClientRequest };
    request.once('response', (answer: IncomingMessage) => {
      answer.once('close', () => {
        if (!answer.complete && request.listenerCount('error') > 0) request.emit('error', new BrokenAnswer());
      });
    });
  });
}

class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer';
  readonly code = 'ECONNRESET';
  constructor() {
    super('the connection to the container engine broke in the middle of an answer');
  }
}
