/** Reads server-sent events from a response, one at a time. */
import { EventSourceParserStream } from 'eventsource-parser/stream';

export interface ServerSentEvents {
  /** The next one that is not of the framing (open, cursor). */
  next(): Promise<{ id?: string; event?: string; data: unknown }>;
  close(): void;
}

export async function openServerSentEvents(url: string, headers: Record<string, string>): Promise<ServerSentEvents> {
  const controller = new AbortController();
  const response = await fetch(url, { headers, signal: controller.signal });
  if (!response.ok || !response.body) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
  return {
    async next() {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) throw new Error('the stream has ended');
        if (value.event !== 'open' && value.event !== 'cursor') return { id: value.id, event: value.event, data: JSON.parse(value.data) };
      }
    },
    close: () => controller.abort(),
  };
}
