'use client';
import type { ContainerSetting } from '@berth/shared/http/container-settings';
import type { Run, RunSpec } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { joinWords } from '../../lib/shell-words.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ContainerSettings } from './container-settings.tsx';
import { isSecretName, maskedEngine, maskedEnv } from './secrets.ts';

/** What was asked beside what the engine has, what Berth itself does for the run, and both as JSON. */
export function InspectTab({ run, workspace }: { run: Run; workspace: string }) {
  const attempt = run.status.attempts.at(-1);
  const hasContainer = Boolean(attempt?.containerId);
  const view = useQuery({
    // Another life or another phase of the container is another view of it.
    queryKey: [...queryKeys.run(workspace, run.metadata.id), 'inspect', attempt?.containerId, attempt?.phase, attempt?.restarts],
    queryFn: ({ signal }) => api.inspectRun(workspace, run.metadata.id, signal),
    enabled: hasContainer,
    retry: false,
  });
  const again = (
    <Button small onClick={() => void view.refetch()} busy={view.isFetching}>
      Look again
    </Button>
  );
  const [revealed, setRevealed] = useState(false);
  const hasSecrets = Object.keys(run.spec.env ?? {}).some(isSecretName) || view.data?.settings.some(isSecret);
  const shownRun = revealed || !run.spec.env ? run : { ...run, spec: { ...run.spec, env: maskedEnv(run.spec.env) } };
  const labels = Object.entries(run.metadata.labels);
  return (
    <div className="grid grid-cols-1 items-start gap-6 p-4 md:p-6 xl:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-6">
        {!hasContainer && <p className="text-muted">It has no container {attempt ? 'to look at' : 'yet'}: this is what was asked.</p>}
        {hasContainer && view.isPending && <Skeleton label="Asking the host" rows={8} />}
        {hasContainer && view.isError && <Failure action={again}>{view.error.message}</Failure>}
        {view.data && <ContainerSettings settings={view.data.settings} run={run} workspace={workspace} action={again} />}
        <BerthSettings run={run} />
        {labels.length > 0 && <Pairs title="Labels of the run" pairs={labels} />}
      </div>
      <div className="flex min-w-0 flex-col gap-6">
        <section>
          <div className="mb-1 flex items-center justify-between gap-3">
            <h2 className="font-medium">The run</h2>
            {hasSecrets && (
              <Button small kind="quiet" aria-pressed={revealed} onClick={() => setRevealed(!revealed)}>
                {revealed ? 'Mask the secrets' : 'Reveal the secrets in the JSON'}
              </Button>
            )}
          </div>
          <Code label="the run as JSON" text={JSON.stringify(shownRun, null, 2)} wrap={false} />
        </section>
        {view.data && (
          <section>
            <h2 className="mb-1 font-medium">The engine's own JSON</h2>
            <Code
              label="the engine's JSON"
              text={JSON.stringify(revealed ? view.data.engine : maskedEngine(view.data.engine), null, 2)}
              wrap={false}
            />
          </section>
        )}
      </div>
    </div>
  );
}

const isSecret = ({ section, name }: ContainerSetting) => section === 'environment' && isSecretName(name);

/** What no engine knows of: Berth does it. */
function BerthSettings({ run: { spec, status, metadata } }: { run: Run }) {
  const attempt = status.attempts.at(-1);
  const stop = [spec.stopSignal, spec.stopGracePeriodSeconds !== undefined && `${spec.stopGracePeriodSeconds} s`]
    .filter(Boolean)
    .join(', ');
  const rows: [string, ReactNode, ReactNode][] = [
    ['Image', spec.image, status.image.digest ?? status.image.reference],
    ['Stop', stop, undefined],
    ['Started again', restartAsked(spec), status.restarts === 0 ? undefined : status.restarts === 1 ? 'once' : `${status.restarts} times`],
    ['Health check', healthAsked(spec), status.health ?? undefined],
    ['Time-out', spec.timeoutSeconds && `${spec.timeoutSeconds} s`, undefined],
    ['Kept after its end', spec.ttlSecondsAfterFinished !== undefined && `${spec.ttlSecondsAfterFinished} s`, undefined],
    ['Pull policy', spec.pullPolicy, attempt?.pull?.status],
    ['Desired', status.desired, status.phase],
    ['Generation', metadata.generation, status.observedGeneration],
  ];
  return (
    <section>
      <h2 className="mb-1 font-medium">What Berth does for it</h2>
      <table className="w-full table-fixed text-left">
        <thead>
          <tr className="border-b border-line text-sm text-muted">
            <th scope="col" className="w-40 py-1 font-normal">
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
    </section>
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
