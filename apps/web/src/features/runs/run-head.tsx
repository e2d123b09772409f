'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';
import { clsx } from 'clsx';
import { MoreHorizontal, Pencil, RotateCcw, Square } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useKeys } from '../../lib/keys.ts';
import { labelText } from '../../lib/label-text.ts';
import { paths } from '../../lib/paths.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Menu } from '../../ui/menu.tsx';
import { lookOfStatus } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age, Elapsed } from '../../ui/time.tsx';
import { EditMetadata } from './edit-metadata.tsx';
import { GiveUpRun } from './give-up-run.tsx';
import { reasonAgainst, wordForStop } from './run-actions.ts';
import { ServiceOfRun } from './service-of-run.tsx';
import { useRunActions } from './use-run-actions.ts';

/** Title, state, how long and where, and what can be done. */
export function RunHead({ run, workspace }: { run: Run; workspace: string }) {
  const router = useRouter();
  const { act, again } = useRunActions(workspace, run);
  const [asking, setAsking] = useState<'remove' | 'give-up' | null>(null);
  const [editing, setEditing] = useState(false);
  const { metadata, status } = run;
  const look = lookOfStatus(status);
  const stop = () => {
    if (reasonAgainst('stop', run) === null && !act.isPending) act.mutate('stop');
  };
  useKeys([
    { keys: 's', label: `${wordForStop(run)} the run`, run: stop },
    { keys: 'r', label: 'Run again', run: () => again.isPending || again.mutate() },
  ]);

  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 break-all text-xl font-semibold tracking-tight">{metadata.name}</h1>
          <span role="status" className="contents">
            <StateBadge look={look} large />
          </span>
          <Button small kind="quiet" aria-label="Name and labels" onClick={() => setEditing(true)}>
            <Pencil size={13} aria-hidden="true" />
          </Button>
          <ServiceOfRun run={run} workspace={workspace} />
          {Object.entries(metadata.labels).map(([key, value]) => (
            <Link
              key={key}
              href={paths.runs(workspace, { label: labelText(key, value) })}
              title={`Runs with the label ${labelText(key, value)}`}
              className="max-w-60 truncate rounded-full border border-line px-2 text-sm text-muted hover:bg-hover hover:text-text"
            >
              {labelText(key, value)}
            </Link>
          ))}
        </div>
        <p className="flex flex-wrap gap-x-2 text-muted">
          <span className="font-mono text-sm">{metadata.id}</span>
          <span aria-hidden="true">·</span>
          <span>
            {isTerminal(status.phase) && status.finishedAt ? (
              <Age at={status.finishedAt} suffix=" ago" />
            ) : (
              <>
                created <Age at={metadata.createdAt} suffix=" ago" />
              </>
            )}
            {status.startedAt && status.phase !== 'restarting' && (
              <>
                , {isTerminal(status.phase) ? 'ran' : 'running for'} <Elapsed from={status.startedAt} to={status.finishedAt} />
              </>
            )}
            {status.hostName && <> on {status.hostName}</>}
            {status.schedule && (
              <>
                , started by{' '}
                <Link href={paths.schedule(workspace, status.schedule.id)} className="underline hover:text-text">
                  the schedule {status.schedule.name}
                </Link>
              </>
            )}
            {status.array && (
              <>
                , number {status.array.index} of{' '}
                <Link href={paths.runArray(workspace, status.array.id)} className="underline hover:text-text">
                  the run array {status.array.name}
                </Link>
              </>
            )}
            {status.restarts > 0 && <>, started again {status.restarts === 1 ? 'once' : `${status.restarts} times`}</>}
            {status.health && <>, {status.health === 'starting' ? 'health not known yet' : status.health}</>}
          </span>
        </p>
      </div>
      <div className="flex items-center gap-2">
        <Button onClick={stop} reason={reasonAgainst('stop', run)} keys="s" busy={act.isPending && act.variables === 'stop'}>
          <Square size={12} aria-hidden="true" />
          {wordForStop(run)}
        </Button>
        <Button onClick={() => again.mutate()} keys="r" busy={again.isPending}>
          <RotateCcw size={13} aria-hidden="true" />
          Run again
        </Button>
        <Menu
          label="More actions"
          buttonClassName={clsx(buttonClass('plain'), '!px-2')}
          trigger={<MoreHorizontal size={15} aria-hidden="true" />}
          items={[
            { label: 'Rename, change labels…', onSelect: () => setEditing(true) },
            { label: 'Run again with changes…', onSelect: () => router.push(paths.newRun(workspace, { from: metadata.id })) },
            { label: 'Restart', reason: reasonAgainst('restart', run), onSelect: () => act.mutate('restart') },
            status.desired === 'pause'
              ? { label: 'Resume', reason: reasonAgainst('resume', run), onSelect: () => act.mutate('resume') }
              : { label: 'Pause', reason: reasonAgainst('pause', run), onSelect: () => act.mutate('pause') },
            { label: 'Kill', reason: reasonAgainst('kill', run), onSelect: () => act.mutate('kill'), danger: true },
            { label: 'Its host is gone…', reason: reasonAgainst('give-up', run), onSelect: () => setAsking('give-up'), danger: true },
            { label: 'Remove…', reason: reasonAgainst('remove', run), onSelect: () => setAsking('remove'), danger: true },
          ]}
        />
      </div>
      {editing && <EditMetadata run={run} workspace={workspace} onClose={() => setEditing(false)} />}
      {asking === 'give-up' && <GiveUpRun run={run} act={act} onClose={() => setAsking(null)} />}
      {asking === 'remove' && (
        <Confirm
          title={`Remove ${metadata.name}?`}
          yes="Remove"
          no="Keep it"
          busy={act.isPending}
          error={act.error?.message}
          onYes={() => act.mutate('remove')}
          onClose={() => setAsking(null)}
        >
          Its container, its log and its history are deleted. This cannot be undone.
        </Confirm>
      )}
    </header>
  );
}
