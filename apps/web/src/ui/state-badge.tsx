import { clsx } from 'clsx';
import { StateShape } from './icons.tsx';
import { type Look, TONE_TEXT } from './state.ts';

/** A state in colour, shape and word. */
export function StateBadge({ look, large = false }: { look: Look; large?: boolean }) {
  return (
    <span
      className={clsx('inline-flex items-center align-top gap-1.5 whitespace-nowrap font-medium', TONE_TEXT[look.tone], large && 'text-lg')}
    >
      <StateShape shape={look.shape} size={large ? 14 : 12} />
      {look.word}
    </span>
  );
}
