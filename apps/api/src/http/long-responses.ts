/**
 * Responses that stay open: watches and followed logs. They are pulled, not pushed: the next piece is asked for once the client has
 * taken the last one, so that a slow reader holds one piece and no more. They end when the client leaves or the api shuts down.
 */
import { once } from 'node:events';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

@Injectable()
export class LongResponses implements OnModuleDestroy {
  private readonly logger = new Logger('http');
  private readonly closing = new AbortController();

  onModuleDestroy(): void {
    this.closing.abort();
  }

  /** Aborted once the client has left or the api shuts down. `release` when the response is done. */
  signalOf(reply: FastifyReply): { signal: AbortSignal; release: () => void } {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const stop = () => {
      this.closing.signal.removeEventListener('abort', abort);
      reply.raw.off('close', abort);
    };
    reply.raw.once('close', abort);
    this.closing.signal.addEventListener('abort', abort, { once: true });
    if (this.closing.signal.aborted || reply.raw.destroyed) abort();
    return { signal: controller.signal, release: stop };
  }

  /** Sends what `pieces` yields, with the headers at once, so that the client knows that it is being heard. */
  async send(reply: FastifyReply, contentType: string, pieces: (signal: AbortSignal) => AsyncIterable<string | Uint8Array>): Promise<void> {
    reply.hijack();
    const { raw } = reply;
    const { signal, release } = this.signalOf(reply);
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    raw.flushHeaders();
    try {
      for await (const piece of pieces(signal)) {
        if (signal.aborted) break;
        if (!raw.write(piece)) await once(raw, 'drain', { signal });
      }
      raw.end();
    } catch (error) {
      // The status is out; only a broken connection can still say that the rest is missing.
      if (!signal.aborted) this.logger.error({ err: error }, 'a long response broke off');
      raw.destroy();
    } finally {
      release();
    }
  }
}
