import { clsx } from 'clsx';
import { memo } from 'react';
import { formatAbsolute, formatClock } from '../../../lib/format.ts';
import { tokensOf } from './ansi-tokens.ts';
import type { LogLine } from './line-splitter.ts';

interface Props {
  line: LogLine;
  /** Beside the line: the last one grows, and a memoised row must see it. */
  text: string;
  times: boolean;
  wrap: boolean;
  /** It is the line that the address names. */
  marked: boolean;
  /** Puts the line into the address. */
  onLink: (line: LogLine) => void;
}

export const LogRow = memo(function LogRow({ line, text, times, wrap, marked, onLink }: Props) {
  if (line.gap) {
    return (
      <div role="note" className="my-0.5 border-y border-dashed border-state-amber px-4 text-state-amber md:px-6">
        <span data-text>⋯ {text} ⋯</span>
      </div>
    );
  }
  return (
    <div
      className={clsx(
        'flex gap-3 border-l-2 pl-3.5 pr-4 hover:bg-hover md:pl-5',
        line.stream === 'stderr' ? 'border-state-amber' : 'border-transparent',
        marked && 'bg-tint-amber',
      )}
      aria-current={marked || undefined}
    >
      {times && (
        <button
          type="button"
          tabIndex={-1}
          onClick={() => onLink(line)}
          title={`${formatAbsolute(line.at)}; click for a link to this line`}
          className="shrink-0 select-none text-faint hover:text-text max-sm:hidden"
        >
          <time dateTime={line.at}>{formatClock(line.at)}</time>
        </button>
      )}
      {line.stream === 'stderr' && <span className="sr-only">stderr: </span>}
      <span data-text className={clsx('min-h-5 min-w-0', wrap ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : 'whitespace-pre')}>
        {tokensOf(text, line.style).map((token, index) =>
          token.className === '' && !token.color && !token.background ? (
            token.text
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: the tokens of a line have nothing but their place
            <span key={index} className={token.className} style={{ color: token.color, backgroundColor: token.background }}>
              {token.text}
            </span>
          ),
        )}
      </span>
    </div>
  );
}, sameRow);

/** The function is new with every frame and does the same. */
function sameRow(before: Props, after: Props): boolean {
  return (['line', 'text', 'times', 'wrap', 'marked'] as const).every((name) => before[name] === after[name]);
}
