/**
 * One POST of JSON. Not by fetch: that loads an HTTP stack of its own, which stays in memory (9 MB) for the one call of an
 * agent's life. An import of node:http loads it too, for the WebSocket among its exports.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

/** `body` is null where the answer is not JSON. Rejects where there is no answer. */
export async function postJson(url: URL, body: unknown, timeoutMs: number): Promise<{ status: number; body: unknown }> {
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
  const signal = AbortSignal.timeout(timeoutMs);
  const sent = request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, signal });
  sent.end(JSON.stringify(body));
  const [answer] = (await once(sent, 'response', { signal })) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  return { status: answer.statusCode ?? 0, body: parse(Buffer.concat(parts).toString()) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
