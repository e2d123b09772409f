/** The small values of a Compose file: each reader answers what it is for Berth, or says what is wrong and answers undefined. */
import { isObject, type Json } from '../model.ts';
import type { Path, Reader, Reading } from './reading.ts';
import { splitWords } from './words.ts';

/** After interpolation a number is a text as often as not. */
export const textOfScalar = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

export const readText: Reader<string> = (reading, path, value) => {
  const text = textOfScalar(value);
  return text === undefined ? reading.refuse(path, 'must be a text') : text;
};

export const readSwitch: Reader<boolean> = (reading, path, value) => {
  const text = String(value).toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(text)) return true;
  return ['false', 'no', 'off', '0'].includes(text) ? false : reading.refuse(path, `must be true or false, is "${text}"`);
};

export const readCount: Reader<number> = (reading, path, value) => {
  const text = String(value);
  return /^-?\d+$/.test(text) ? Number(text) : reading.refuse(path, `must be a whole number, is "${text}"`);
};

const SECONDS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001, us: 0.000001 };

/** "1m30s", in whole seconds, at least 1 where it is more than none. */
export const readDuration: Reader<number> = (reading, path, value) => {
  const text = String(value);
  if (!/^(?:0|(?:\d+(?:\.\d+)?(?:us|ms|w|d|h|m|s))+)$/.test(text))
    return reading.refuse(path, `"${text}" is not a duration: write for example 30s or 1m30s`);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|w|d|h|m|s)/g)];
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ''] ?? 0), 0);
  return seconds === 0 ? 0 : Math.max(1, Math.round(seconds));
};

const UNITS: Readonly<Record<string, string>> = { b: '', k: 'Ki', m: 'Mi', g: 'Gi', t: 'Ti' };

/** "512m", "1.5gb", or bytes: Compose counts in powers of 1024, whatever the letters. */
export const readSize: Reader<string> = (reading, path, value) => {
  const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?) ?(?:([bkmgt])(?:i?b)?)?$/i.exec(String(value)) ?? [];
  if (amount === undefined) return reading.refuse(path, `"${String(value)}" is not an amount of bytes: write for example 512m or 2g`);
  return `${amount}${UNITS[unit.toLowerCase()] ?? ''}`;
};

/** A text is split as a shell would, a list is taken as it is; null where the image's own is meant. */
export function readCommand(reading: Reading, path: Path, value: Json): string[] | null | undefined {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(String);
  const words = splitWords(String(value));
  return words ?? reading.refuse(path, 'has a quote that is not closed');
}

/** `KEY=value` lines, or a mapping. `missing`: what a key without a value comes to; undefined refuses it. */
export function readPairs(reading: Reading, path: Path, value: Json, missing: (key: string) => string | undefined): Record<string, string> {
  const entries: [string, string | undefined, Path][] = Array.isArray(value)
    ? value.map((item, index) => {
        const text = String(item);
        const equals = text.indexOf('=');
        return [equals < 0 ? text : text.slice(0, equals), equals < 0 ? undefined : text.slice(equals + 1), [...path, String(index)]];
      })
    : Object.entries(isObject(value) ? value : {}).map(([key, item]) => [key, textOfScalar(item), [...path, key]]);
  const read: Record<string, string> = {};
  for (const [key, text, at] of entries) {
    const known = text ?? missing(key);
    if (known === undefined)
      reading.refuse(at, `"${key}" has no value here: write ${key}=value, or set it in the file .env, given beside this one`);
    else read[key] = known;
  }
  return read;
}

export const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);
