'use client';
import { nameOfActor } from '@berth/shared/model/actor';
import type { Host } from '@berth/shared/model/host';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { labelText } from '../../lib/label-text.ts';
import { Button } from '../../ui/button.tsx';
import { CORDONED, lookOfHost, lookOfMark, WAITS_FOR_APPROVAL } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { EditHost } from './edit-host.tsx';
import { HostActions } from './host-actions.tsx';

/** Its name, its state and why, its labels, and what can be done to it. */
export function HostHead({ host, workspace }: { host: Host; workspace: string }) {
  const [editing, setEditing] = useState(false);
  const { metadata, status } = host;
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 break-all text-xl font-semibold tracking-tight">{metadata.name}</h1>
          <span role="status" className="contents">
            <StateBadge look={lookOfHost(status.state)} large />
            {!status.approved && <StateBadge look={WAITS_FOR_APPROVAL} large />}
            {status.cordon && <StateBadge look={CORDONED} large />}
            {status.drain && <StateBadge look={lookOfMark(status.drain.drainedAt === null ? 'draining' : 'drained')} large />}
          </span>
          <Button small kind="quiet" aria-label="Name and labels" onClick={() => setEditing(true)}>
            <Pencil size={13} aria-hidden="true" />
          </Button>
          {Object.entries(metadata.labels).map(([key, value]) => (
            <span key={key} className="max-w-60 truncate rounded-full border border-line px-2 text-sm text-muted">
              {labelText(key, value)}
            </span>
          ))}
        </div>
        <p className="text-muted">
          <Situation host={host} />
        </p>
      </div>
      <HostActions host={host} workspace={workspace} onEdit={() => setEditing(true)} />
      {editing && <EditHost host={host} workspace={workspace} onClose={() => setEditing(false)} />}
    </div>
  );
}

/** Is it as it should be? If not, why, since when, and what happens next. */
function Situation({ host: { status } }: { host: Host }) {
  const { state, message, lastSeenAt, cordon, drain, approved, key } = status;
  return (
    <>
      {state !== 'ready' &&
        (key.revokedAt ? 'its key was revoked, its agent is refused: remove the host and enrol the machine anew' : message)}
      {state === 'ready' && !approved && 'New hosts need approval here: it gets no run before somebody gives it'}
      {state === 'ready' && approved && !cordon && (drain ? 'Takes no new run' : 'Takes new runs')}
      {state !== 'ready' && lastSeenAt && (
        <>
          , last seen <Age at={lastSeenAt} suffix=" ago" />
        </>
      )}
      {cordon && (
        <>
          {(state !== 'ready' || !approved) && '. '}
          {cordon.actor === '' ? 'Cordoned' : `Cordoned by ${nameOfActor(cordon.actor)}`} <Age at={cordon.since} suffix=" ago" />: it takes
          no new run, what runs here goes on
        </>
      )}
    </>
  );
}
