'use client';
import type { Run } from '@berth/shared/model/run';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { Plus, X } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useId, useState } from 'react';
import { api } from '../../../lib/api.ts';
import { queryKeys } from '../../../lib/query-keys.ts';
import { Button } from '../../../ui/button.tsx';
import { Failure } from '../../../ui/failure.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import type { TerminalSource } from './terminal-view.tsx';

const TerminalView = dynamic(() => import('./terminal-view.tsx').then((module) => module.TerminalView), {
  ssr: false,
  loading: () => <Skeleton label="Opening the terminal" rows={6} />,
});

const MainProcess = dynamic(() => import('./main-process.tsx').then((module) => module.MainProcess), {
  ssr: false,
  loading: () => <Skeleton label="Opening the main process" rows={6} />,
});

/** Instead of the name of a shell. */
const MAIN = 'main';

/** The main process where it can be typed into, and shells beside it, as many as are wanted. They live on its host: a reload finds them again. */
export function TerminalTab({ run, workspace }: { run: Run; workspace: string }) {
  const { id } = run.metadata;
  const cache = useQueryClient();
  const [chosen, setChosen] = useState<string | null>(null);
  const leaveTo = useId();
  const { phase, attempts } = run.status;
  const runs = phase === 'running' || phase === 'stopping';
  const key = queryKeys.runTerminals(workspace, id);
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.listTerminals(workspace, id, signal),
    enabled: attempts.length > 0,
  });
  const open = useMutation({
    mutationFn: () => api.openTerminal(workspace, id),
    onSuccess: async (opened) => {
      await cache.invalidateQueries({ queryKey: key });
      setChosen(opened.id);
    },
  });
  const end = useMutation({
    mutationFn: (terminal: string) => api.endTerminal(workspace, id, terminal),
    onSettled: () => cache.invalidateQueries({ queryKey: key }),
  });
  const items = list.data?.items ?? [];
  const hasMain = run.spec.stdin === true && attempts.length > 0;
  const isMain = hasMain && (chosen === null || chosen === MAIN);
  const current = isMain ? undefined : (items.find((item) => item.id === chosen) ?? items.at(-1));
  const leave = () => document.getElementById(leaveTo)?.focus();
  const failure = open.error ?? end.error ?? list.error;

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-1 border-b border-line px-3 py-1.5 md:px-5">
        {hasMain && (
          <span className={clsx('flex items-center rounded-md', isMain ? 'bg-selected' : 'text-muted hover:bg-hover')}>
            <button type="button" aria-pressed={isMain} onClick={() => setChosen(MAIN)} className="px-2.5 py-1">
              Main process
            </button>
          </span>
        )}
        {items.map((item, index) => (
          <span
            key={item.id}
            className={clsx('flex items-center rounded-md', item.id === current?.id ? 'bg-selected' : 'text-muted hover:bg-hover')}
          >
            <button type="button" aria-pressed={item.id === current?.id} onClick={() => setChosen(item.id)} className="py-1 pl-2.5 pr-1">
              Terminal {index + 1}
              {item.ended && <span className="text-muted"> (ended)</span>}
            </button>
            <button type="button" aria-label={`Close terminal ${index + 1}`} onClick={() => end.mutate(item.id)} className="px-1.5 py-1">
              <X size={13} aria-hidden="true" />
            </button>
          </span>
        ))}
        <Button
          small
          id={leaveTo}
          onClick={() => open.mutate()}
          busy={open.isPending}
          reason={runs ? null : 'A terminal needs a container that runs.'}
        >
          <Plus size={13} aria-hidden="true" />
          {items.length === 0 ? 'Open a terminal' : 'Another one'}
        </Button>
      </div>
      {failure && (
        <div className="px-4 py-3 md:px-6">
          <Failure>{failure.message}</Failure>
        </div>
      )}
      {isMain ? (
        <MainProcess run={run} workspace={workspace} onLeave={leave} />
      ) : current ? (
        <TerminalView
          key={current.id}
          source={shell(workspace, id, current.id)}
          name={`Terminal ${items.indexOf(current) + 1}`}
          onLeave={leave}
        />
      ) : (
        <p className="px-4 py-6 text-muted md:px-6">
          {runs ? 'A shell of the image, in the container that runs.' : `There is no terminal: the run is ${phase}.`}
        </p>
      )}
    </div>
  );
}

const shell = (workspace: string, run: string, terminal: string): TerminalSource => ({
  start: 0,
  connect: (realtime, handler) => realtime.watchTerminal(workspace, run, terminal, handler),
  words: 'It goes on for ten minutes after the last one who looks at it has gone.',
  life: 0,
});
