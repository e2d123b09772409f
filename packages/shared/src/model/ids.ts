/**
 * Ids are `<prefix>_<26 characters>`: a ULID in lower case (Crockford base 32), so they sort by creation time.
 * The random part and the clock are arguments: pure planners may mint ids too.
 */
import { z } from 'zod';

export const ID_PREFIXES = {
  workspace: 'ws',
  user: 'usr',
  host: 'host',
  run: 'run',
  attempt: 'att',
  registry: 'reg',
  joinToken: 'jt',
  session: 'ses',
  token: 'tok',
  agentUpdate: 'upd',
  service: 'svc',
  schedule: 'sch',
  runArray: 'arr',
  secret: 'sec',
  volume: 'vol',
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `at` in milliseconds since 1970; `random` at least 10 bytes. Throws RangeError when there are fewer. */
export function encodeId(kind: IdKind, at: number, random: Uint8Array): string {
  if (random.length < 10) throw new RangeError('an id needs 10 random bytes');
  let time = '';
  for (let rest = Math.floor(at), i = 0; i < 10; i++) {
    time = ALPHABET[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  let bits = 0n;
  for (let i = 0; i < 10; i++) bits = (bits << 8n) | BigInt(random[i] ?? 0);
  let tail = '';
  for (let i = 0; i < 16; i++) {
    tail = ALPHABET[Number(bits & 31n)] + tail;
    bits >>= 5n;
  }
  return `${ID_PREFIXES[kind]}_${time}${tail}`;
}

/** A fresh id from the platform's random source. */
export function newId(kind: IdKind, at: number = Date.now()): string {
  return encodeId(kind, at, crypto.getRandomValues(new Uint8Array(10)));
}

export const idSchema = (kind: IdKind) =>
  z.string().regex(new RegExp(`^${ID_PREFIXES[kind]}_[0-9a-hjkmnp-tv-z]{26}$`), `must be an id that starts with ${ID_PREFIXES[kind]}_`);
