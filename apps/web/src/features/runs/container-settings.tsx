'use client';
import type { ContainerSetting } from '@berth/shared/http/container-settings';
import type { Run } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { type ReactNode, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { isSecretName, MASK } from './secrets.ts';

const SECTION_WORDS: Record<ContainerSetting['section'], string> = {
  container: 'Container',
  process: 'Process',
  limits: 'Limits',
  network: 'Network',
  storage: 'Storage',
  environment: 'Environment',
  labels: "The container's labels",
};

interface Props {
  settings: readonly ContainerSetting[];
  run: Run;
  workspace: string;
  action: ReactNode;
}

/** Asked beside has, section by section; what drifted is marked here and said at the top. */
export function ContainerSettings({ settings, run, workspace, action }: Props) {
  const drifted = settings.filter(({ drift }) => drift);
  const sections = Object.entries(SECTION_WORDS)
    .map(([section, title]) => ({ title, rows: settings.filter((setting) => setting.section === section) }))
    .filter(({ rows }) => rows.length > 0);
  const names = drifted.map(({ name }) => name).join(', ');
  return (
    <div className="flex flex-col gap-6">
      {drifted.length > 0 ? (
        <Failure action={action}>
          {drifted.length === 1 ? 'One setting is' : `${drifted.length} settings are`} not as asked: {names}. It was changed on the host,
          past Berth.
        </Failure>
      ) : (
        <div className="flex items-center justify-between gap-3">
          <p className="text-muted">The container is as it was asked for.</p>
          {action}
        </div>
      )}
      {sections.map(({ title, rows }) => (
        <section key={title}>
          <h2 className="mb-1 font-medium">{title}</h2>
          <table className="w-full table-fixed text-left">
            <thead>
              <tr className="text-sm text-muted">
                <th scope="col" className="w-24 py-1 font-normal sm:w-40">
                  <span className="sr-only">Setting</span>
                </th>
                <th scope="col" className="py-1 font-normal">
                  Asked
                </th>
                <th scope="col" className="py-1 font-normal">
                  The engine has
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.name} row={row} run={run} workspace={workspace} />
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </div>
  );
}

function Row({ row, run, workspace }: { row: ContainerSetting; run: Run; workspace: string }) {
  const [shown, setShown] = useState(false);
  // Of a secret of the workspace its name stands there, and no value.
  const isNamed = run.spec.secrets?.some(({ env }) => env === row.name) ?? false;
  const secret = row.section === 'environment' && isSecretName(row.name) && !isNamed;
  const masked = secret && !shown;
  const cell = (value: string | null, absent: string) => {
    if (value === null) return <span className="text-muted">{absent}</span>;
    return masked ? MASK : value || '""';
  };
  const isPort = row.section === 'network' && row.name.endsWith('/tcp') && row.has !== null;
  return (
    <tr className={clsx('border-t border-line align-top', row.drift && 'bg-tint-red')}>
      <th scope="row" className="break-words py-1.5 pl-1 pr-2 font-normal text-muted">
        <span className={clsx(row.section === 'environment' && 'font-mono text-sm')}>{row.name}</span>
        {row.drift && <span className="ml-2 whitespace-nowrap text-sm text-state-red">drifted</span>}
        {secret && (
          <Button
            kind="quiet"
            small
            className="-my-1 ml-1"
            aria-label={`${shown ? 'Hide' : 'Reveal'} ${row.name}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Reveal'}
          </Button>
        )}
      </th>
      <td className="break-words py-1.5 pr-2 font-mono text-sm">{cell(row.asked, '–')}</td>
      <td className="break-words py-1.5 font-mono text-sm">
        {isPort ? <PortLinks ports={row.has ?? ''} run={run} workspace={workspace} /> : cell(row.has, row.drift ? 'not there' : '–')}
      </td>
    </tr>
  );
}

/** At the host's own name, as its agent knows it. */
function PortLinks({ ports, run, workspace }: { ports: string; run: Run; workspace: string }) {
  const hostId = run.status.hostId ?? '';
  const host = useQuery({
    queryKey: queryKeys.host(workspace, hostId),
    queryFn: ({ signal }) => api.getHost(workspace, hostId, signal),
    enabled: hostId !== '',
  });
  const name = host.data?.status.facts?.hostname ?? run.status.hostName;
  return ports.split(', ').map((port) => (
    <a
      key={port}
      href={`http://${name}:${port}`}
      target="_blank"
      rel="noreferrer"
      className="mr-3 text-accent underline underline-offset-2"
    >
      {name}:{port}
    </a>
  ));
}
