import { clsx } from 'clsx';
import { memo } from 'react';
import { formatAbsolute, formatClock } from '../../../lib/format.ts';
import { tokensOf } from './ansi-tokens.ts';
import type { LogLine } from './log-buffer.ts';

/** `text` beside the line: the last line grows, and a memoised row must see it. */
export const LogRow = memo(function LogRow({ line, text, times, wrap }: { line: LogLine; text: string; times: boolean; wrap: boolean }) {
  if (line.gap) {
    return (
      <div role="note" className="my-0.5 border-y border-dashed border-state-amber px-4 text-state-amber md:px-6">
        ⋯ {text} ⋯
      </div>
    );
  }
  return (
    <div
      className={clsx(
        'flex gap-3 border-l-2 pl-3.5 pr-4 hover:bg-hover md:pl-5',
        line.stream === 'stderr' ? 'border-state-amber' : 'border-transparent',
      )}
    >
      {times && (
        <time dateTime={line.at} title={formatAbsolute(line.at)} className="shrink-0 select-none text-faint max-sm:hidden">
          {formatClock(line.at)}
        </time>
      )}
      {line.stream === 'stderr' && <span className="sr-only">stderr: </span>}
      <span className={clsx('min-h-5 min-w-0', wrap ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : 'whitespace-pre')}>
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
});
