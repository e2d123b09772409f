'use client';
import type { Replica, ServiceStatus } from '@berth/shared/model/service';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { REPLICA_GRID, ReplicaRow } from './replica-row.tsx';

/** So many are drawn until somebody wants to see more. */
const SHOWN = 100;

interface ReplicaListProps {
  label: string;
  replicas: readonly Replica[];
  status: ServiceStatus;
  workspace: string;
}

/** One line a replica, by its place. While one takes the place of another, both have it. */
export function ReplicaList({ label, replicas, status, workspace }: ReplicaListProps) {
  const [all, setAll] = useState(false);
  if (replicas.length === 0) return null;
  const shown = all ? replicas : replicas.slice(0, SHOWN);
  return (
    <>
      <div aria-hidden="true" className={`${REPLICA_GRID} border-b border-line py-1.5 text-sm text-muted max-md:!hidden`}>
        <span className="text-right">Place</span>
        <span>State</span>
        <span>Run</span>
        <span className="text-right">Rev.</span>
        <span>Host</span>
        <span>Ports</span>
        <span className="max-lg:hidden">Health</span>
        <span className="text-right max-lg:hidden">Restarts</span>
        <span className="text-right">Age</span>
      </div>
      <ol aria-label={label}>
        {shown.map((replica) => (
          <ReplicaRow key={replica.runId} replica={replica} target={status.targetRevision} workspace={workspace} />
        ))}
      </ol>
      {shown.length < replicas.length && (
        <div className="px-4 py-2 md:px-6">
          <Button small onClick={() => setAll(true)}>
            Show all {replicas.length}
          </Button>
        </div>
      )}
    </>
  );
}
