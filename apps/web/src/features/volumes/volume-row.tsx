'use client';
import { formatBytes } from '@berth/shared/model/quantity';
import type { Volume } from '@berth/shared/model/volume';
import { Download, Trash2, Upload } from 'lucide-react';
import Link from 'next/link';
import { formatAbsolute } from '../../lib/format.ts';
import { apiPaths, paths } from '../../lib/paths.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Age } from '../../ui/time.tsx';

/** Runs that are named in the line; the rest is counted. */
const NAMED = 2;

interface VolumeRowProps {
  volume: Volume;
  workspace: string;
  onRestore: () => void;
  onDelete: () => void;
}

export function VolumeRow({ volume, workspace, onRestore, onDelete }: VolumeRowProps) {
  const { metadata, status } = volume;
  const { name, id } = metadata;
  const nowhere = status.hostId === null ? 'It is not on any host yet: a run that has it brings it to one' : null;
  const inUse = status.userCount > 0 ? `Used by ${usersInWords(volume)}: stop ${status.userCount === 1 ? 'it' : 'them'} first` : null;
  const isPlain = status.message === `lies on ${status.hostName}`;
  return (
    <li className="grid grid-cols-2 items-center gap-x-6 gap-y-1.5 border-b border-line py-2.5 lg:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)_90px_minmax(0,1.2fr)_80px_auto]">
      <span className="truncate font-mono font-medium">{name}</span>
      <span className="truncate max-lg:text-right">
        {status.hostId === null ? (
          <span className="text-muted">on no host yet</span>
        ) : (
          <Link href={paths.host(workspace, status.hostId)} className="underline-offset-2 hover:underline">
            {status.hostName}
          </Link>
        )}
      </span>
      <span className="tabular-nums" title={status.measuredAt === null ? undefined : `Measured ${formatAbsolute(status.measuredAt)}`}>
        {status.sizeBytes === null ? <span className="text-muted">not measured</span> : formatBytes(status.sizeBytes)}
      </span>
      <span className="min-w-0 truncate">
        <Users volume={volume} workspace={workspace} />
      </span>
      <span className="text-muted">
        <Age at={metadata.createdAt} />
      </span>
      <span className="flex flex-wrap items-center gap-2 max-lg:col-span-2 lg:justify-end">
        {nowhere === null ? (
          <a href={apiPaths.volumeBackup(workspace, id)} download aria-label={`Back up ${name}`} className={buttonClass('plain', true)}>
            <Download size={13} aria-hidden="true" /> Back up
          </a>
        ) : (
          <Button small reason={nowhere} aria-label={`Back up ${name}`}>
            <Download size={13} aria-hidden="true" /> Back up
          </Button>
        )}
        <Button small reason={nowhere} onClick={onRestore} aria-label={`Restore ${name}`}>
          <Upload size={13} aria-hidden="true" /> Restore
        </Button>
        <Button small reason={inUse} onClick={onDelete} aria-label={`Delete ${name}`}>
          <Trash2 size={13} aria-hidden="true" /> Delete
        </Button>
      </span>
      {!isPlain && <p className="text-sm text-muted col-span-full">It {status.message}.</p>}
    </li>
  );
}

function usersInWords({ status }: Volume): string {
  const named = status.users.slice(0, NAMED).map(({ name }) => name);
  const more = status.userCount - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(' and ');
}

function Users({ volume: { status }, workspace }: { volume: Volume; workspace: string }) {
  if (status.userCount === 0) return <span className="text-muted">no run uses it</span>;
  const more = status.userCount - Math.min(NAMED, status.users.length);
  return (
    <>
      {status.users.slice(0, NAMED).map(({ runId, name }, index) => (
        <span key={runId}>
          {index > 0 && ', '}
          <Link href={paths.run(workspace, runId)} className="underline-offset-2 hover:underline">
            {name}
          </Link>
        </span>
      ))}
      {more > 0 && ` and ${more} more`}
    </>
  );
}
