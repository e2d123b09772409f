/** `${NAME}` in the values of a Compose file, as the specification has it; the values come from the `.env` that is given beside it. */
import { isObject, type Json, type JsonObject } from '../model.ts';
import type { Path, Reading } from './reading.ts';

/** In all values, not in keys. What is not set and has no default is refused: an empty text in its place would be a guess. */
export function interpolate(reading: Reading, value: Json, path: Path = []): Json {
  if (typeof value === 'string') return interpolateText(reading, value, path);
  if (Array.isArray(value)) return value.map((item, index) => interpolate(reading, item, [...path, String(index)]));
  if (!isObject(value)) return value;
  const read: JsonObject = {};
  for (const [key, item] of Object.entries(value)) read[key] = interpolate(reading, item, [...path, key]);
  return read;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

export function interpolateText(reading: Reading, text: string, path: Path): string {
  let out = '';
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '$') out += text[at++];
    else if (text[at + 1] === '$') {
      out += '$';
      at += 2;
    } else {
      const taken = text[at + 1] === '{' ? braced(reading, text, at + 2, path) : bare(reading, text, at + 1, path);
      out += taken.value;
      at = taken.end;
    }
  }
  return out;
}

interface Taken {
  value: string;
  end: number;
}

function bare(reading: Reading, text: string, at: number, path: Path): Taken {
  const name = NAME.exec(text.slice(at))?.[0];
  if (name === undefined) {
    reading.refuse(path, 'a "$" stands alone: write "$$" for the sign itself');
    return { value: '', end: at };
  }
  return { value: settingOf(reading, name, path), end: at + name.length };
}

/** `at`: behind the brace. */
function braced(reading: Reading, text: string, at: number, path: Path): Taken {
  const end = closing(text, at);
  const inside = text.slice(at, end);
  const name = NAME.exec(inside)?.[0];
  const rest = inside.slice(name?.length ?? 0);
  const [, operator = '', word = ''] = /^(:?[-?+])?([\s\S]*)$/.exec(rest) ?? [];
  if (end < 0 || name === undefined || (operator === '' && word !== '')) {
    reading.refuse(path, `"\${${end < 0 ? text.slice(at) : inside}" is not a variable: write \${NAME} or \${NAME:-default}`);
    return { value: '', end: end < 0 ? text.length : end + 1 };
  }
  return { value: substituted(reading, name, operator, word, path), end: end + 1 };
}

function substituted(reading: Reading, name: string, operator: string, word: string, path: Path): string {
  const value = reading.variables.get(name);
  const there = value !== undefined && (!operator.startsWith(':') || value !== '');
  switch (operator.at(-1)) {
    case '-':
      return there ? value : interpolateText(reading, word, path);
    case '+':
      return there ? interpolateText(reading, word, path) : '';
    case '?':
      if (there) return value;
      reading.refuse(
        path,
        `the variable ${name} is demanded${word === '' ? '' : ` ("${word}")`}: set it in the file .env, given beside this one`,
      );
      return '';
    default:
      return settingOf(reading, name, path);
  }
}

function settingOf(reading: Reading, name: string, path: Path): string {
  const value = reading.variables.get(name);
  if (value !== undefined) return value;
  reading.refuse(
    path,
    `the variable ${name} is not set: set it in the file .env, given beside this one, or write a default: \${${name}:-…}`,
  );
  return '';
}

/** Of the brace that was opened before `at`; -1 where it is not closed. */
function closing(text: string, at: number): number {
  let open = 1;
  for (let index = at; index < text.length; index++) {
    if (text.startsWith(`\${`, index)) open++;
    else if (text[index] === '}' && --open === 0) return index;
  }
  return -1;
}
