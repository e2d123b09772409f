'use client';
import { nameOfActor } from '@berth/shared/model/actor';
import { fieldChanges } from '@berth/shared/model/field-changes';
import type { Service, ServiceRevision } from '@berth/shared/model/service';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { StateShape } from '../../ui/icons.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Age } from '../../ui/time.tsx';
import { ChangeList } from './change-list.tsx';
import { RollBackDialog } from './roll-back-dialog.tsx';
import { reasonAgainstRevision } from './service-actions.ts';
import { fullImage, imageName, shortDigest } from './service-words.ts';
import { useRevisions } from './use-service.ts';

/** The templates that it has had, the newest first: who wrote each, what it changed, and a way back. */
export function RevisionsTab({ service, workspace }: { service: Service; workspace: string }) {
  const revisions = useRevisions(workspace, service.metadata.id);
  const [to, setTo] = useState<ServiceRevision | null>(null);
  if (revisions.isPending) return <Skeleton label="Reading the revisions" />;
  if (revisions.isError && revisions.data === undefined) {
    return (
      <div className="p-4 md:px-6">
        <Failure>{revisions.error.message}</Failure>
      </div>
    );
  }
  const { items } = revisions.data;
  return (
    <>
      <ol aria-label="Revisions" className="px-4 py-2 md:px-6">
        {items.map((revision, index) => (
          <Revision
            key={revision.number}
            revision={revision}
            before={items[index + 1]}
            service={service}
            onRollBack={() => setTo(revision)}
          />
        ))}
      </ol>
      {to && <RollBackDialog service={service} workspace={workspace} revision={to} onClose={() => setTo(null)} />}
    </>
  );
}

interface RevisionProps {
  revision: ServiceRevision;
  before: ServiceRevision | undefined;
  service: Service;
  onRollBack: () => void;
}

function Revision({ revision, before, service, onRollBack }: RevisionProps) {
  const { number, template, digest, createdAt, createdBy, wasGood } = revision;
  const { status } = service;
  const short = shortDigest(digest);
  const changes = before ? fieldChanges(before.template, template) : [];
  return (
    <li className="grid gap-x-6 gap-y-1 border-b border-line py-3 last:border-0 md:grid-cols-[minmax(0,1fr)_auto]">
      <div className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 className="font-medium">Revision {number}</h2>
        <span className="min-w-0 break-all" title={fullImage(template.spec.image, digest)}>
          {imageName(template.spec.image)}
          {short && <span className="font-mono text-sm text-muted"> @{short}</span>}
        </span>
        {number === status.targetRevision && <Mark tone="text-state-green" shape="full" words="present" />}
        {number === status.revision && number !== status.targetRevision && (
          <Mark tone="text-state-amber" shape="barred" words="asked for, rolled back" />
        )}
        {wasGood && <Mark tone="text-state-done" shape="check" words="was available as a whole" />}
      </div>
      <div className="md:row-span-2 md:justify-self-end">
        <Button small onClick={onRollBack} reason={reasonAgainstRevision(service, revision)}>
          Roll back to revision {number}…
        </Button>
      </div>
      <div className="min-w-0">
        <p className="text-muted">
          <Age at={createdAt} suffix=" ago" />, by {nameOfActor(createdBy)}
          {!before && number === 1 && ': the first one'}
        </p>
        {changes.length > 0 && (
          <div className="mt-1">
            <ChangeList label={`Changes of revision ${number}`} changes={changes} />
          </div>
        )}
      </div>
    </li>
  );
}

function Mark({ tone, shape, words }: { tone: string; shape: 'full' | 'barred' | 'check'; words: string }) {
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap text-sm ${tone}`}>
      <StateShape shape={shape} size={10} />
      {words}
    </span>
  );
}
