'use client';
import type { Run } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Code } from '../../ui/copy.tsx';
import { Failure } from '../../ui/failure.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { CommandBox } from './command-box.tsx';
import { maskedEngine } from './secrets.ts';

const PROCESSES_EVERY_MS = 2000;

/** What is in the container now: a command in it, its processes, its changed files, the engine's own view of it. */
export function ContainerTab({ run, workspace }: { run: Run; workspace: string }) {
  const { phase, attempts } = run.status;
  const runs = phase === 'running' || phase === 'stopping';
  if (!attempts.at(-1)?.containerId) {
    return <p className="px-4 py-6 text-muted md:px-6">It has no container {phase === 'queued' ? 'yet' : 'to look at'}.</p>;
  }
  return (
    <div className="flex flex-col gap-6 px-4 py-4 md:px-6">
      <CommandBox run={run} workspace={workspace} reason={runs ? null : 'A command needs a container that runs.'} />
      <div className="flex flex-col gap-2">
        {runs && <Folded title="Processes">{() => <ProcessesView run={run} workspace={workspace} />}</Folded>}
        <Folded title="Changed files">{() => <ChangesView run={run} workspace={workspace} />}</Folded>
        <Folded title="The engine's view, as JSON">{() => <EngineJson run={run} workspace={workspace} />}</Folded>
      </div>
    </div>
  );
}

/** What is in it is asked for only while it is open: each is a question to the host. */
function Folded({ title, children }: { title: string; children: () => ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="group rounded-lg border border-line">
      <summary className="list-none px-3 py-2 font-medium">
        <span aria-hidden="true" className="mr-2 inline-block text-muted transition-transform group-open:rotate-90">
          ›
        </span>
        {title}
      </summary>
      {open && <div className="border-t border-line p-3">{children()}</div>}
    </details>
  );
}

interface View {
  run: Run;
  workspace: string;
}

function ProcessesView({ run, workspace }: View) {
  const { id } = run.metadata;
  const query = useQuery({
    queryKey: [...queryKeys.run(workspace, id), 'processes'],
    queryFn: ({ signal }) => api.runProcesses(workspace, id, signal),
    refetchInterval: PROCESSES_EVERY_MS,
    retry: false,
  });
  if (query.isPending) return <Skeleton label="Asking the host" rows={3} />;
  if (!query.data) return <Failure>{query.error.message}</Failure>;
  const { titles, rows, total } = query.data;
  return (
    <ScrollArea label="Processes" className="max-h-96 overflow-auto">
      <table className="w-full text-left font-mono text-sm">
        <thead className="text-muted">
          <tr>
            {titles.map((title) => (
              <th key={title} scope="col" className="pb-1 pr-4 font-normal">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join(' ')}>
              {row.map((cell, index) => (
                <td key={titles[index]} className="whitespace-nowrap pr-4 tabular-nums">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {total > rows.length && <More shown={rows.length} total={total} />}
    </ScrollArea>
  );
}

const CHANGE_SIGNS = { added: '+', changed: '~', deleted: '−' } as const;
const CHANGE_COLOURS = { added: 'text-state-green', changed: 'text-state-amber', deleted: 'text-state-red' } as const;

function ChangesView({ run, workspace }: View) {
  const { id } = run.metadata;
  const query = useQuery({
    queryKey: [...queryKeys.run(workspace, id), 'changes'],
    queryFn: ({ signal }) => api.runChanges(workspace, id, signal),
    retry: false,
  });
  if (query.isPending) return <Skeleton label="Asking the host" rows={3} />;
  if (!query.data) return <Failure>{query.error.message}</Failure>;
  const { entries, total } = query.data;
  if (entries.length === 0) return <p className="text-muted">Nothing differs from its image.</p>;
  return (
    <ScrollArea label="Changed files" className="max-h-96 overflow-auto">
      <ul className="font-mono text-sm">
        {entries.map(({ path, kind }) => (
          <li key={path} className="break-all">
            <span aria-hidden="true" className={`mr-2 inline-block w-3 ${CHANGE_COLOURS[kind]}`}>
              {CHANGE_SIGNS[kind]}
            </span>
            <span className="sr-only">{kind}: </span>
            {path}
          </li>
        ))}
      </ul>
      {total > entries.length && <More shown={entries.length} total={total} />}
    </ScrollArea>
  );
}

function EngineJson({ run, workspace }: View) {
  const { id } = run.metadata;
  const query = useQuery({
    queryKey: [...queryKeys.run(workspace, id), 'inspect'],
    queryFn: ({ signal }) => api.inspectRun(workspace, id, signal),
    retry: false,
  });
  if (query.isPending) return <Skeleton label="Asking the host" rows={3} />;
  if (!query.data) return <Failure>{query.error.message}</Failure>;
  return <Code label="the engine's view" text={JSON.stringify(maskedEngine(query.data.engine), null, 2)} wrap={false} />;
}

const More = ({ shown, total }: { shown: number; total: number }) => (
  <p className="mt-2 text-sm text-muted">
    The first {shown.toLocaleString('en')} of {total.toLocaleString('en')} are shown.
  </p>
);
