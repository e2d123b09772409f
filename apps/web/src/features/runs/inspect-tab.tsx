'use client';
import type { Run, RunSpec } from '@berth/shared/model/run';
import type { ReactNode } from 'react';
import { Code } from '../../ui/copy.tsx';
import { joinWords } from './shell-words.ts';

/** What was asked beside what is so, and all of it as JSON. */
export function InspectTab({ run }: { run: Run }) {
  const { spec, status, metadata } = run;
  const attempt = status.attempts.at(-1);
  const published = attempt?.ports.map((port) => `${port.hostPort} → ${port.containerPort}/${port.protocol}`).join(', ');
  const rows: [string, ReactNode, ReactNode][] = [
    ['Image', spec.image, status.image.digest ?? status.image.reference],
    ['Command', spec.command && joinWords(spec.command), undefined],
    ['Arguments', spec.args && joinWords(spec.args), undefined],
    ['Ports', portsAsked(spec), published],
    ['CPU', spec.resources?.cpu, undefined],
    ['Memory', spec.resources?.memory, undefined],
    ['Processes', spec.resources?.pids, undefined],
    ['Host name', spec.hostname, undefined],
    ['Init process', spec.init ? 'yes' : undefined, undefined],
    ['Root file system', spec.readOnlyRootFilesystem ? 'read-only' : undefined, undefined],
    ['In memory', spec.tmpfs?.map(({ path, size }) => (size === undefined ? path : `${path} (${size})`)).join(', '), undefined],
    ['Working directory', spec.workingDir, undefined],
    ['User', spec.user, undefined],
    ['Terminal', spec.tty ? 'yes' : undefined, undefined],
    [
      'Stop',
      [spec.stopSignal, spec.stopGracePeriodSeconds !== undefined && `${spec.stopGracePeriodSeconds} s`].filter(Boolean).join(', '),
      undefined,
    ],
    ['Started again', restartAsked(spec), status.restarts === 0 ? undefined : status.restarts === 1 ? 'once' : `${status.restarts} times`],
    ['Health check', healthAsked(spec), status.health ?? undefined],
    ['Time-out', spec.timeoutSeconds && `${spec.timeoutSeconds} s`, undefined],
    ['Kept after its end', spec.ttlSecondsAfterFinished !== undefined && `${spec.ttlSecondsAfterFinished} s`, undefined],
    ['Pull policy', spec.pullPolicy, attempt?.pull?.status],
    ['Desired', status.desired, status.phase],
    ['Generation', metadata.generation, status.observedGeneration],
    ['Container', undefined, attempt?.containerId?.slice(0, 12)],
  ];
  const env = Object.entries(spec.env ?? {});
  const labels = Object.entries(metadata.labels);
  const extraHosts = Object.entries(spec.extraHosts ?? {});
  return (
    <div className="grid grid-cols-1 items-start gap-6 p-4 md:p-6 xl:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-6">
        <table className="w-full table-fixed text-left">
          <thead>
            <tr className="border-b border-line text-sm text-muted">
              <th scope="col" className="w-32 py-1 font-normal">
                <span className="sr-only">Setting</span>
              </th>
              <th scope="col" className="py-1 font-normal">
                Asked
              </th>
              <th scope="col" className="py-1 font-normal">
                Is
              </th>
            </tr>
          </thead>
          <tbody>
            {rows
              .filter(([, asked, is]) => asked || is)
              .map(([name, asked, is]) => (
                <tr key={name} className="border-b border-line align-top">
                  <th scope="row" className="py-1.5 pr-2 font-normal text-muted">
                    {name}
                  </th>
                  <td className="break-words py-1.5 pr-2 font-mono text-sm">{asked || '–'}</td>
                  <td className="break-words py-1.5 font-mono text-sm">{is || '–'}</td>
                </tr>
              ))}
          </tbody>
        </table>
        {env.length > 0 && <Pairs title="Environment" pairs={env} />}
        {extraHosts.length > 0 && <Pairs title="Names in /etc/hosts" pairs={extraHosts} />}
        {labels.length > 0 && <Pairs title="Labels" pairs={labels} />}
      </div>
      <Code label="the run as JSON" text={JSON.stringify(run, null, 2)} wrap={false} />
    </div>
  );
}

function Pairs({ title, pairs }: { title: string; pairs: [string, string][] }) {
  return (
    <section>
      <h2 className="mb-1 font-medium">{title}</h2>
      <dl className="grid grid-cols-[minmax(80px,auto)_minmax(0,1fr)] gap-x-4 gap-y-1 font-mono text-sm">
        {pairs.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="break-all text-muted">{name}</dt>
            <dd className="break-all">{value || '""'}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function portsAsked(spec: RunSpec): string | undefined {
  return spec.ports?.map((port) => `${port.hostPort ?? 'free'} → ${port.containerPort}/${port.protocol}`).join(', ');
}

function restartAsked({ restart }: RunSpec): string | undefined {
  if (!restart || restart.policy === 'never') return undefined;
  if (restart.policy === 'always') return 'always';
  return restart.maxRetries === undefined ? 'on failure' : `on failure, at most ${restart.maxRetries} times in a row`;
}

function healthAsked({ healthcheck }: RunSpec): string | undefined {
  if (!healthcheck) return undefined;
  if (healthcheck.disabled) return 'none';
  const { command, intervalSeconds } = healthcheck;
  return `${command ? joinWords(command) : "the image's"}${intervalSeconds === undefined ? '' : `, every ${intervalSeconds} s`}`;
}
