/** Who this host is: an ed25519 key pair made here, whose private half never leaves --home, and the id that the api gave for it. */
import { type KeyObject, sign } from 'node:crypto';
import { join } from 'node:path';
import type { HostFacts } from '@berth/shared/model/host';
import { challengeText, type EnrolResponse, enrolResponseSchema } from '@berth/shared/protocol/agent';
import { z } from 'zod';
import { readIfThere, writeDurably } from '../state/files.ts';
import { publicPem } from './host-key.ts';
import { postJson } from './post-json.ts';

const problemSchema = z.object({ detail: z.string() });
const ENROL_TIMEOUT_MS = 15_000;

export const signChallenge = (key: KeyObject, hostId: string, nonce: string): string =>
  sign(null, Buffer.from(challengeText(hostId, nonce)), key).toString('base64');

/** Null where this host was not enrolled yet. */
export async function readIdentity(home: string): Promise<EnrolResponse | null> {
  const text = await readIfThere(join(home, 'identity.json'));
  return text === null ? null : enrolResponseSchema.parse(JSON.parse(text));
}

export type EnrolResult =
  | { state: 'enrolled'; identity: EnrolResponse }
  | { state: 'refused'; message: string }
  | { state: 'unreachable'; message: string };

/** Safe to repeat: the same key gets the same host, and the token is used up once. */
export async function enrol(
  options: { url: string; home: string; joinToken: string; name: string; facts: HostFacts },
  key: KeyObject,
): Promise<EnrolResult> {
  const publicKey = publicPem(key);
  const { joinToken, name, facts } = options;
  let answer: Awaited<ReturnType<typeof postJson>>;
  try {
    answer = await postJson(new URL('/v1/agents/enrol', options.url), { joinToken, publicKey, name, facts }, ENROL_TIMEOUT_MS);
  } catch (error) {
    return { state: 'unreachable', message: sentence(error) };
  }
  const { status, body } = answer;
  if (status >= 200 && status < 300) {
    const identity = enrolResponseSchema.parse(body);
    await writeDurably(join(options.home, 'identity.json'), JSON.stringify(identity));
    return { state: 'enrolled', identity };
  }
  const problem = problemSchema.safeParse(body);
  const message = problem.success ? problem.data.detail : `the api answered ${status}`;
  return { state: status >= 500 || status === 429 ? 'unreachable' : 'refused', message };
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
