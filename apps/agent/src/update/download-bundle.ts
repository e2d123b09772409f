/**
 * Fetches the agent that the api serves. What proves it is its sum, which came over the session: from the api that this agent was
 * installed to obey.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { sumOf } from './update-folder.ts';

const DOWNLOAD_MS = 300_000;
const PATH = '/v1/agents/bundle';

interface Wanted {
  sha256: string;
  bytes: number;
}

type Fetched = { ok: true; content: Buffer } | { ok: false; message: string };

/** Never rejects. */
export async function downloadBundle(url: string, { sha256, bytes }: Wanted): Promise<Fetched> {
  let content: Buffer;
  try {
    content = await get(new URL(PATH, url), bytes);
  } catch (error) {
    return failed(`the new version could not be fetched: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (content.length === bytes && sumOf(content) === sha256) return { ok: true, content };
  return failed(
    'what was fetched is not the version that was announced (its SHA-256 is another one): it was cut off on its way, or two replicas of the api serve two versions',
  );
}

const failed = (message: string): Fetched => ({ ok: false, message });

async function get(url: URL, most: number): Promise<Buffer> {
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
  const signal = AbortSignal.timeout(DOWNLOAD_MS);
  const sent = request(url, { signal });
  sent.end();
  const [answer] = (await once(sent, 'response', { signal })) as [IncomingMessage];
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw new Error(`the api answered ${answer.statusCode}`);
  }
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer) {
    length += part.length;
    // More than was announced is of no use, and must not fill the memory.
    if (length > most) break;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
