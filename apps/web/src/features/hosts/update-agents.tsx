'use client';
import { type AgentUpdateSpec, isSelected, stagesOf } from '@berth/shared/model/agent-update';
import type { Host } from '@berth/shared/model/host';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { labelsFromText } from '../../lib/label-text.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { isBehind } from './version-skew.ts';

const BATCHES = {
  'size-1': { words: 'one host at a time', batch: { batchSize: 1 } },
  'percent-10': { words: 'a tenth at a time', batch: { batchPercent: 10 } },
  'percent-25': { words: 'a quarter at a time', batch: { batchPercent: 25 } },
  'percent-50': { words: 'a half at a time', batch: { batchPercent: 50 } },
  'percent-100': { words: 'all at once', batch: { batchPercent: 100 } },
} as const;
type Batch = keyof typeof BATCHES;
const isBatch = (text: string): text is Batch => text in BATCHES;

/** So many names of a stage are shown. */
const NAMES = 6;

/** Which hosts, in which stages, and what will happen, before it does. */
export function UpdateAgents({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const [labels, setLabels] = useState('');
  const [batch, setBatch] = useState<Batch>('percent-25');
  const [failures, setFailures] = useState(1);
  const hosts = useQuery({ queryKey: queryKeys.allHosts(workspace), queryFn: ({ signal }) => api.allHosts(workspace, signal) });
  const wanted = labelsFromText(labels.replaceAll(',', '\n'));
  const spec: AgentUpdateSpec = {
    ...(Object.keys(wanted).length > 0 && { labels: wanted }),
    ...BATCHES[batch].batch,
    stopAfterFailures: failures,
  };
  const create = useMutation({
    mutationFn: () => api.createAgentUpdate(workspace, { spec }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) });
      onClose();
    },
  });
  const selected = (hosts.data ?? []).filter((host) => isBehind(host.status.agent) && isSelected({ ...host.metadata }, spec));
  const able = selected.filter((host) => whyNot(host) === null);

  return (
    <Dialog title="Update agents" onClose={onClose} wide>
      <div className="flex flex-col gap-4">
        <p>
          Each agent fetches the version of this Berth, tries it and goes on with it; containers are left as they are. An agent whose new
          version does not reach Berth takes the one before again by itself.
        </p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Hosts with the labels" hint="key=value, separated by commas; every host where empty.">
            {(ids) => (
              <input
                {...ids}
                value={labels}
                onChange={(event) => setLabels(event.target.value)}
                placeholder="zone=eu-1"
                autoComplete="off"
                className="field font-mono text-sm"
              />
            )}
          </Field>
          <div className="grid content-start gap-4">
            <Field label="Pace">
              {(ids) => (
                <select
                  {...ids}
                  value={batch}
                  onChange={(event) => isBatch(event.target.value) && setBatch(event.target.value)}
                  className="field"
                >
                  {Object.entries(BATCHES).map(([value, { words }]) => (
                    <option key={value} value={value}>
                      {words}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field label="Pause after">
              {(ids) => (
                <select {...ids} value={failures} onChange={(event) => setFailures(Number(event.target.value))} className="field">
                  <option value={1}>the first failure</option>
                  <option value={2}>2 failures</option>
                  <option value={5}>5 failures</option>
                  <option value={20}>20 failures</option>
                </select>
              )}
            </Field>
          </div>
        </div>
        {hosts.isPending && <Skeleton label="Reading the hosts" rows={3} />}
        {hosts.isError && <Failure>{hosts.error.message}</Failure>}
        {hosts.data && <Preview spec={spec} able={able} others={selected.filter((host) => whyNot(host) !== null)} />}
        {create.isError && <Failure>{create.error.message}</Failure>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button
            kind="primary"
            busy={create.isPending}
            reason={able.length === 0 ? 'None of these hosts can be updated now.' : null}
            onClick={() => create.mutate()}
          >
            {able.length === 1 ? 'Update 1 host' : `Update ${able.length} hosts`}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Preview({ spec, able, others }: { spec: AgentUpdateSpec; able: readonly Host[]; others: readonly Host[] }) {
  const stages = stagesOf(able, ({ metadata }) => metadata.name, spec);
  return (
    <section aria-label="What will happen" className="rounded-md border border-line bg-sunken px-3 py-2.5">
      {stages.length === 0 && <p className="text-muted">No host with these labels can be updated from here now.</p>}
      <ScrollArea label="Stages" className="max-h-48 overflow-y-auto">
        <ol className="grid gap-1">
          {stages.map((stage, index) => (
            <li key={stage[0]?.metadata.id} className="break-words">
              <span className="font-medium">Stage {index + 1}:</span> {namesOf(stage)}
            </li>
          ))}
        </ol>
      </ScrollArea>
      {others.length > 0 && (
        <div className="mt-2 border-t border-line pt-2">
          <p className="font-medium">Left out:</p>
          <ScrollArea label="Hosts that are left out" className="max-h-40 overflow-y-auto text-sm">
            <ul className="grid gap-1">
              {others.map((host) => (
                <li key={host.metadata.id} className="break-words">
                  {host.metadata.name}: <span className="text-muted">{whyNot(host)}</span>
                </li>
              ))}
            </ul>
          </ScrollArea>
        </div>
      )}
    </section>
  );
}

function namesOf(stage: readonly Host[]): string {
  const names = stage.slice(0, NAMES).map(({ metadata }) => metadata.name);
  return stage.length > NAMES ? `${names.join(', ')} and ${stage.length - NAMES} more` : names.join(', ');
}

/** Null: it can be updated now. */
function whyNot({ status: { agent, state, message } }: Host): string | null {
  if (agent.fixed) return `${agent.fixed.message}; run there: ${agent.fixed.command}`;
  return state === 'ready' ? null : `it is not ready: ${message}`;
}
