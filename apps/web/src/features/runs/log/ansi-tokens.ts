/** A line as tokens with class names: colours from ANSI sequences, never HTML. */
import Anser from 'anser';
import { collapse } from './terminal-line.ts';

export interface Token {
  text: string;
  className: string;
  /** For 256-colour and true-colour text, which has no class: "rgb(1, 2, 3)". */
  color?: string;
  background?: string;
}

const DECORATIONS: Record<string, string> = {
  bold: 'font-semibold',
  dim: 'opacity-75',
  italic: 'italic',
  underline: 'underline',
  strikethrough: 'line-through',
  reverse: 'ansi-reverse',
};
const NAMED = /^ansi-(?:bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/;
/** xterm's colour cube. */
const LEVELS = [0, 95, 135, 175, 215, 255];

/** `style`: what was in force before the line, see activeStyle. */
export function tokensOf(text: string, style: string): Token[] {
  const seen = collapse(text, style);
  if (!seen.includes('\x1b')) return seen === '' ? [] : [{ text: seen, className: '' }];
  return Anser.ansiToJson(seen, { use_classes: true, remove_empty: true }).map((part) => {
    const classes = part.decorations.map((decoration) => DECORATIONS[decoration] ?? '');
    const foreground = NAMED.exec(part.fg ?? '')?.[1];
    const background = NAMED.exec(part.bg ?? '')?.[1];
    if (foreground) classes.push(`ansi-${foreground}-fg`);
    if (background) classes.push(`ansi-${background}-bg`);
    return {
      text: part.content,
      className: classes.filter(Boolean).join(' '),
      color: exactColor(part.fg, part.fg_truecolor),
      background: exactColor(part.bg, part.bg_truecolor),
    };
  });
}

function exactColor(name: string | null, trueColor: string | null): string | undefined {
  if (name === 'ansi-truecolor' && trueColor) return `rgb(${trueColor})`;
  const index = Number(/^ansi-palette-(\d+)$/.exec(name ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(index)) return undefined;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const cube = index - 16;
  return `rgb(${LEVELS[Math.floor(cube / 36)]}, ${LEVELS[Math.floor(cube / 6) % 6]}, ${LEVELS[cube % 6]})`;
}
