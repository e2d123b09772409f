/** A Redis of one's own: a suite may empty it without touching another one. */
import { parts, type RedisPart } from './environment.ts';

export async function startRedis(): Promise<RedisPart> {
  return (await parts()).redis();
}
