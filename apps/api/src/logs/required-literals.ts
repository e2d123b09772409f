/**
 * Texts that every match of an expression holds, so that most of a log can be gone over without asking the expression. Careful: null wherever an
 * expression uses what is not known here. It has been compiled before: what is here is one that RE2 takes. Pure (law L2).
 */

type Quantifier = 'once' | 'at-least-once' | 'perhaps';

/** Thrown and caught within this file: the expression has something that is not known here. */
class Doubt extends Error {}

const CLASSES = 'dDsSwWbB';
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

/** The literals, none where each may be missing; null where nothing can be said, not even that lines can be judged many at once. */
export function requiredLiterals(expression: string): string[] | null {
  try {
    const reader = new Reader(expression);
    const literals = reader.alternatives();
    return reader.ended ? literals : null;
  } catch (error) {
    if (error instanceof Doubt) return null;
    throw error;
  }
}

class Reader {
  readonly #characters: string[];
  #at = 0;

  constructor(expression: string) {
    // By code points: a quantifier is of a whole one.
    this.#characters = [...expression];
  }

  get ended(): boolean {
    return this.#at >= this.#characters.length;
  }

  /** Of several, each may be missing. */
  alternatives(): string[] {
    const first = this.sequence();
    if (!this.take('|')) return first;
    do this.sequence();
    while (this.take('|'));
    return [];
  }

  private sequence(): string[] {
    const literals: string[] = [];
    let run = '';
    const end = () => {
      if (run !== '') literals.push(run);
      run = '';
    };
    while (!this.ended && this.peek() !== '|' && this.peek() !== ')') {
      if (this.take('(')) {
        const inner = this.group();
        end();
        if (this.quantifier() !== 'perhaps') literals.push(...inner);
        continue;
      }
      const literal = this.atom();
      const times = this.quantifier();
      if (literal !== null && times !== 'perhaps') run += literal;
      if (literal === null || times !== 'once') end();
    }
    end();
    return literals;
  }

  private group(): string[] {
    // What else begins so sets flags.
    if (this.take('?') && !this.take(':')) {
      this.take('P');
      if (!this.take('<')) throw new Doubt();
      for (let name = this.next(); name !== '>'; name = this.next()) if (!/\w/.test(name)) throw new Doubt();
    }
    const inner = this.alternatives();
    if (!this.take(')')) throw new Doubt();
    return inner;
  }

  /** A character that stands for itself; null: one of several, or a place. */
  private atom(): string | null {
    const character = this.next();
    if (character === '[') return this.skipClass();
    if ('.^$'.includes(character)) return null;
    if ('*+?{'.includes(character)) throw new Doubt();
    if (character !== '\\') return character;
    const escaped = this.next();
    if (PUNCTUATION.test(escaped)) return escaped;
    if (CLASSES.includes(escaped)) return null;
    throw new Doubt();
  }

  private skipClass(): null {
    this.take('^');
    // At the beginning it stands for itself.
    this.take(']');
    for (;;) {
      const character = this.next();
      if (character === ']') return null;
      if (character === '[' && this.peek() === ':') {
        do this.next();
        while (this.peek() !== ']');
        this.next();
      }
      if (character === '\\' && 'QE'.includes(this.next())) throw new Doubt();
    }
  }

  private quantifier(): Quantifier {
    const times = this.times();
    if (times === 'once') return times;
    this.take('?');
    if (this.times() !== 'once') throw new Doubt();
    return times;
  }

  private times(): Quantifier {
    if (this.take('*') || this.take('?')) return 'perhaps';
    if (this.take('+')) return 'at-least-once';
    if (this.peek() !== '{') return 'once';
    const counted = /^\{(\d+)(,\d*)?\}/.exec(this.#characters.slice(this.#at, this.#at + 12).join(''));
    if (!counted) throw new Doubt();
    this.#at += counted[0].length;
    return Number(counted[1]) > 0 ? 'at-least-once' : 'perhaps';
  }

  private peek(): string | undefined {
    return this.#characters[this.#at];
  }

  private next(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new Doubt();
    return character;
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at++;
    return true;
  }
}
