/** Words as a shell splits them, and back. Variables, substitutions and pipes are refused: the console has no shell to ask. */
import { parse } from 'shell-quote';

export type Words = { ok: true; words: string[] } | { ok: false; message: string };

const MARK = '\u0000';

/** Never throws. Line continuations (`\` at the end of a line) are joined. */
export function splitWords(text: string): Words {
  const joined = text.replace(/\\\r?\n/g, ' ').trim();
  if (joined.includes(MARK)) return { ok: false, message: 'The line holds a NUL character.' };
  const open = unclosedQuote(joined);
  if (open) return { ok: false, message: `A ${open} quote is opened and never closed.` };
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(joined, (name: string) => `${MARK}${name}`);
  } catch (cause) {
    return {
      ok: false,
      message: `The line cannot be read as a shell would read it: ${cause instanceof Error ? cause.message : String(cause)}.`,
    };
  }
  const words: string[] = [];
  for (const token of parsed) {
    if (typeof token === 'string') {
      const mark = token.indexOf(MARK);
      if (mark >= 0) return { ok: false, message: 'The line uses a shell variable ($…), which has no value here: write the value itself.' };
      words.push(token);
    } else if ('comment' in token) break;
    else if ('pattern' in token) words.push(token.pattern);
    else if ('op' in token)
      return {
        ok: false,
        message: `"${token.op}" is for a shell, and there is none here: remove it, or run a shell in the container (sh -c "…").`,
      };
  }
  return { ok: true, words };
}

/** One text from words, such that splitWords gives the words again. */
export function joinWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(word)) return word;
  // Single quotes hold everything but themselves.
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

function unclosedQuote(text: string): 'single' | 'double' | null {
  let within: "'" | '"' | null = null;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\' && within !== "'") at++;
    else if (within === null && (character === "'" || character === '"')) within = character;
    else if (character === within) within = null;
  }
  return within === null ? null : within === "'" ? 'single' : 'double';
}
