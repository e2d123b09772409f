/**
 * One line as a terminal would show it. Pure. Carriage return, backspace and erase-in-line move and overwrite within the line;
 * colours (SGR) are kept; every other escape sequence is taken out, because a log has no screen to move about on.
 */

/** CSI with its final byte, OSC up to BEL or ST, and other two-character escapes. */
const SEQUENCE = /\x1b(?:\[([0-9:;<=>?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|(?![[\]PX^_])[ -/]*[0-~])/y;
const MOVES = /[\r\b]|\x1b\[[0-9;]*[KGCD]/;

/** Whether the text moves the cursor within the line, so that `collapse` would change more than its escapes. */
export function needsTerminal(text: string): boolean {
  return MOVES.test(text);
}

interface Cell {
  character: string;
  /** The SGR sequences in force, one after another; "" for none. */
  style: string;
}

/**
 * What is seen of a line, with colours only; each change of style is written as a reset and the whole style.
 * `initial`: the style in force before it, see activeStyle.
 */
export function collapse(text: string, initial = ''): string {
  // A trailing CR is half of CRLF: the cursor goes back and nothing is overwritten.
  const body = text.endsWith('\r') ? text.slice(0, -1) : text;
  if (initial === '' && !/[\x00-\x08\x0b-\x1f\x7f]/.test(body)) return body;

  const cells: Cell[] = [];
  let column = 0;
  let style = initial;
  for (let at = 0; at < body.length; ) {
    const character = body[at] ?? '';
    if (character === '\x1b') {
      SEQUENCE.lastIndex = at;
      const match = SEQUENCE.exec(body);
      if (!match) break; // cut off within a sequence
      at = SEQUENCE.lastIndex;
      const [whole, parameters = '', final] = match;
      if (final === 'm') style = nextStyle(style, parameters, whole);
      else column = move(cells, column, final, parameters);
      continue;
    }
    at += character.length;
    if (character === '\r') column = 0;
    else if (character === '\b') column = Math.max(0, column - 1);
    else if (character === '\t' || character >= ' ') {
      if (character === '\x7f') continue;
      while (cells.length < column) cells.push({ character: ' ', style: '' });
      cells[column++] = { character, style };
    }
  }
  return write(cells);
}

function move(cells: Cell[], column: number, final: string | undefined, parameters: string): number {
  const count = Math.min(1000, Number(parameters.split(';')[0] || 0));
  switch (final) {
    case 'K':
      if (count === 0) cells.length = Math.min(cells.length, column);
      else if (count === 2) cells.length = 0;
      else for (let index = 0; index <= column && index < cells.length; index++) cells[index] = { character: ' ', style: '' };
      return column;
    case 'G':
      return Math.max(0, count - 1);
    case 'C':
      return column + Math.max(1, count);
    case 'D':
      return Math.max(0, column - Math.max(1, count));
    default:
      return column;
  }
}

function write(cells: Cell[]): string {
  let text = '';
  let style = '';
  for (const cell of cells) {
    if (cell.style !== style) {
      text += `\x1b[0m${cell.style}`;
      style = cell.style;
    }
    text += cell.character;
  }
  return style === '' ? text : `${text}\x1b[0m`;
}

function nextStyle(style: string, parameters: string, sequence: string): string {
  const first = parameters.split(';')[0];
  if (parameters === '' || parameters === '0') return '';
  // A reset at its head makes what came before meaningless; otherwise the sequences add up.
  const kept = first === '' || first === '0' ? sequence : style + sequence;
  return kept.length > 200 ? sequence : kept;
}

/** The style in force behind a line that began with `style`: a terminal carries it over to the next line. */
export function activeStyle(style: string, text: string): string {
  if (!text.includes('\x1b[')) return style;
  let now = style;
  for (const match of text.matchAll(/\x1b\[([0-9;:]*)m/g)) now = nextStyle(now, match[1] ?? '', match[0]);
  return now;
}
