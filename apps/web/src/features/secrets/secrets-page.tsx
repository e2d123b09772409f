'use client';
import type { Secret } from '@berth/shared/model/secret';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Age } from '../../ui/time.tsx';
import { AddSecret } from './add-secret.tsx';
import { DeleteSecret } from './delete-secret.tsx';
import { NewVersion } from './new-version.tsx';
import { SecretUsers } from './secret-users.tsx';
import { SecretVersions } from './secret-versions.tsx';

const DIALOGS = { change: NewVersion, versions: SecretVersions, delete: DeleteSecret } as const;

export function SecretsPage() {
  const workspace = useWorkspace();
  const origin = useOrigin();
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState<{ what: keyof typeof DIALOGS; secret: Secret } | null>(null);
  const secrets = useQuery({ queryKey: queryKeys.secrets(workspace), queryFn: ({ signal }) => api.listSecrets(workspace, signal) });
  const add = (
    <Button kind="primary" onClick={() => setAdding(true)}>
      <Plus size={14} aria-hidden="true" />
      Add a secret
    </Button>
  );
  const Opened = open && DIALOGS[open.what];
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Secrets" actions={add}>
        Values that runs have as variables or as files in memory. They are encrypted, never shown again, and masked in logs.
      </PageHead>
      {secrets.isPending && <Skeleton label="Reading the secrets" rows={3} />}
      {secrets.isError && (
        <div className="px-4 md:px-6">
          <Failure>{secrets.error.message}</Failure>
        </div>
      )}
      {secrets.data?.items.length === 0 && (
        <Empty sentence="No secrets yet." action={add}>
          <p className="mb-2 text-sm text-muted">The same from a terminal:</p>
          <Code label="the curl line" text={curlLine(origin, workspace)} />
        </Empty>
      )}
      <ul aria-label="Secrets" className="mx-4 md:mx-6">
        {secrets.data?.items.map((secret) => (
          <Row key={secret.metadata.id} secret={secret} workspace={workspace} onOpen={(what) => setOpen({ what, secret })} />
        ))}
      </ul>
      {adding && <AddSecret workspace={workspace} onClose={() => setAdding(false)} />}
      {open && Opened && <Opened secret={open.secret} workspace={workspace} onClose={() => setOpen(null)} />}
    </div>
  );
}

function Row({ secret, workspace, onOpen }: { secret: Secret; workspace: string; onOpen: (what: keyof typeof DIALOGS) => void }) {
  const { metadata, spec, status } = secret;
  return (
    <li className="grid items-center gap-x-6 gap-y-1 border-b border-line py-2.5 md:grid-cols-[minmax(0,1fr)_110px_150px_minmax(0,1fr)_auto]">
      <span className="min-w-0">
        <span className="block truncate font-mono font-medium">{metadata.name}</span>
        {spec.visible && <span className="block truncate font-mono text-sm text-muted">{spec.value ?? 'its value does not open'}</span>}
      </span>
      <span>
        <Button
          kind="quiet"
          small
          className="-ml-2"
          onClick={() => onOpen('versions')}
          aria-label={`Version ${status.version} of ${metadata.name}, and those before`}
        >
          Version {status.version}
        </Button>
      </span>
      <span className="text-muted">
        changed <Age at={status.changedAt} suffix=" ago" />
      </span>
      <span className="min-w-0 truncate text-muted">
        {status.users.length === 0 ? (
          'not used now'
        ) : (
          <>
            used by{' '}
            <SecretUsers users={status.users.slice(0, 3)} more={status.moreUsers || status.users.length > 3} workspace={workspace} />
          </>
        )}
      </span>
      <span className="flex gap-2">
        <Button small onClick={() => onOpen('change')} aria-label={`New value for ${metadata.name}`}>
          New value
        </Button>
        <Button small onClick={() => onOpen('delete')} aria-label={`Delete ${metadata.name}`}>
          Delete
        </Button>
      </span>
    </li>
  );
}

/** The value comes from a variable of the shell, so that it is in no history. */
const curlLine = (origin: string, workspace: string): string =>
  [
    `curl -X POST ${origin}/v1/workspaces/${workspace}/secrets`,
    '-H "Authorization: Bearer $BERTH_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-d '{"metadata":{"name":"db-password"},"spec":{"value":"'"$DB_PASSWORD"'"}}'`,
  ].join(' \\\n  ');
