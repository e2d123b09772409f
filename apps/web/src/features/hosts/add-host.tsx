'use client';
import type { CreateJoinToken, Host } from '@berth/shared/model/host';
import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useRef } from 'react';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { lookOfHost } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { JoinOptions } from './join-options.tsx';

/** The newest: a host that appears is one of them. */
const NEWEST = { limit: '50' };

/** Makes a join token, shows the one line to paste, and waits for the host to appear. */
export function AddHost({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const hosts = useQuery({
    queryKey: queryKeys.hostList(workspace, NEWEST),
    queryFn: ({ signal }) => api.listHosts(workspace, NEWEST, signal),
  });
  const before = useRef<Set<string> | null>(null);
  if (before.current === null && hosts.data) before.current = new Set(hosts.data.items.map((host) => host.metadata.id));
  const token = useMutation({ mutationFn: (body?: CreateJoinToken) => api.createJoinToken(workspace, body) });
  const { mutate } = token;
  const asked = useRef(false);
  useEffect(() => {
    // Once, also where React runs effects twice: a token is a secret that should not lie about unused.
    if (!asked.current) mutate(undefined);
    asked.current = true;
  }, [mutate]);
  const arrived = (hosts.data?.items ?? []).filter((host) => before.current && !before.current.has(host.metadata.id));
  const expires = token.data?.resource.spec.expiresAt;

  return (
    <Dialog title="Add a host" onClose={onClose} wide>
      <div className="flex flex-col gap-4">
        {token.isError && (
          <Failure action={<Button onClick={() => token.mutate(token.variables)}>Try again</Button>}>{token.error.message}</Failure>
        )}
        {token.isPending && <p role="status">Making a join token…</p>}
        {token.data && (
          <>
            <p>
              Run this on the machine. It needs a container engine and Node 22, or <code className="font-mono text-sm">--container</code> at
              its end; the agent dials out, nothing dials in.
            </p>
            <Code label="the line for the host" text={token.data.command} />
            <p className="text-sm text-muted">
              {token.data.resource.spec.maxUses === 1 ? 'It works once' : 'It works several times'}
              {expires && <>, until {new Date(expires).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}</>}. The token
              is not shown again.
            </p>
            <JoinOptions onMake={token.mutate} />
            <div role="status" className="rounded-md border border-line bg-sunken px-3 py-2.5">
              {arrived.length === 0 ? (
                <span className="text-muted">
                  Waiting for it to appear, since <Age at={token.data.resource.metadata.createdAt} suffix="" />.
                </span>
              ) : (
                <ul>
                  {arrived.map((host) => (
                    <Arrived key={host.metadata.id} host={host} workspace={workspace} />
                  ))}
                </ul>
              )}
            </div>
          </>
        )}
        <div className="flex justify-end">
          <Button onClick={onClose}>{arrived.length > 0 ? 'Done' : 'Close'}</Button>
        </div>
      </div>
    </Dialog>
  );
}

function Arrived({ host, workspace }: { host: Host; workspace: string }) {
  return (
    <li className="flex items-center justify-between gap-3">
      <span className="flex items-center gap-3">
        <StateBadge look={lookOfHost(host.status.state)} />
        <span className="font-medium">{host.metadata.name}</span>
      </span>
      <Link href={paths.host(workspace, host.metadata.id)} className={buttonClass('plain', true)}>
        Open
      </Link>
    </li>
  );
}
