'use client';
import { clsx } from 'clsx';
import { formatHourMinute } from '../../lib/format.ts';
import { useConnection } from '../../lib/realtime-context.tsx';
import { StateShape } from '../../ui/icons.tsx';
import { TONE_TEXT } from '../../ui/state.ts';

/** Whether what is on the screen is live. Always visible, always true. */
export function ConnectionState() {
  const connection = useConnection();
  const [look, word] =
    connection.state === 'live'
      ? ([{ tone: 'green', shape: 'full' }, 'live'] as const)
      : connection.state === 'stale'
        ? ([{ tone: 'amber', shape: 'open' }, `stale since ${formatHourMinute(connection.since)}`] as const)
        : ([{ tone: 'blue', shape: 'half' }, connection.state === 'connecting' ? 'connecting' : 'reconnecting'] as const);
  return (
    <div
      role="status"
      aria-label={`Connection: ${word}`}
      data-connection={connection.state}
      title={
        connection.state === 'live' ? 'Changes appear as they happen' : 'What you see may be out of date; Berth keeps trying to reconnect'
      }
      className={clsx('flex items-center gap-1.5 whitespace-nowrap px-1 text-sm', TONE_TEXT[look.tone])}
    >
      <StateShape shape={look.shape} size={9} />
      <span className="text-muted">{word}</span>
    </div>
  );
}
