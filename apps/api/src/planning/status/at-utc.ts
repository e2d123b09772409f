/** "2026-11-23 06:31:12 UTC": an absolute time, so that a sentence is written once and stays true. */
export function atUtc(at: Date): string {
  const text = at.toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
}
