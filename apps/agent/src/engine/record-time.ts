/**
 * When the engine recorded a message: "2026-11-26T12:00:00.123456789Z", always of this length and in UTC, so that two of them compare as text.
 * Nanoseconds are kept: they tell one message of a stream from the next, which milliseconds do not.
 */
export type RecordTime = string;

const FIXED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;
const PARTS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Docker writes it as it is kept here; others leave zeros at the end out, or have a zone. Throws where it is no time. */
export function readRecordTime(text: string): RecordTime {
  if (FIXED.test(text)) return text;
  const [, second, fraction = '', zone] = PARTS.exec(text) ?? [];
  const at = Date.parse(`${second}${zone}`);
  if (Number.isNaN(at)) throw new Error(`the engine's record has a message of an unknown time: ${JSON.stringify(text.slice(0, 40))}`);
  return `${new Date(at).toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}Z`;
}

/** Milliseconds since 1970. */
export const millisecondsOf = (time: RecordTime): number => Date.parse(`${time.slice(0, 23)}Z`);

export const recordTimeAt = (milliseconds: number): RecordTime => `${new Date(milliseconds).toISOString().slice(0, 23)}000000Z`;

/** The same, earlier or later by so many milliseconds. */
export const shifted = (time: RecordTime, milliseconds: number): RecordTime =>
  `${new Date(millisecondsOf(time) + milliseconds).toISOString().slice(0, 23)}${time.slice(23)}`;

/** As the engine takes it in a query: seconds since 1970 with their nanoseconds. */
export const inSeconds = (time: RecordTime): string => `${Date.parse(`${time.slice(0, 19)}Z`) / 1000}.${time.slice(20, 29)}`;
