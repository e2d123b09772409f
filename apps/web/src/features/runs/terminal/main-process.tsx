'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api } from '../../../lib/api.ts';
import type { Realtime, TerminalHandler, WatchedTerminal } from '../../../lib/realtime.ts';
import { Button } from '../../../ui/button.tsx';
import { Failure } from '../../../ui/failure.tsx';
import { LogPanel } from '../log/log-panel.tsx';
import { TerminalView } from './terminal-view.tsx';

/** Of what it has written, so much is shown at first. */
const REPLAYED_BYTES = 1024 * 1024;
const STAYS_OPEN = 'Its input stays open while nobody is here; leaving this page does not end it.';

/** The process that the run is: its log, and its standard input beside. Everybody who looks at it shares both. */
export function MainProcess({ run, workspace, onLeave }: { run: Run; workspace: string; onLeave: () => void }) {
  const { id } = run.metadata;
  const [start] = useState(() => Math.max(0, run.status.logBytes - REPLAYED_BYTES));
  if (!run.spec.tty) return <Lines run={run} workspace={workspace} />;
  const connect = (realtime: Realtime, handler: TerminalHandler, say: (words: string) => void) =>
    attach(realtime, { workspace, id }, handler, say);
  return <TerminalView source={{ start, connect, words: STAYS_OPEN, life: run.status.restarts }} name="Main process" onLeave={onLeave} />;
}

/** Its log, as the output of a terminal, and its input. */
function attach(
  realtime: Realtime,
  { workspace, id }: { workspace: string; id: string },
  handler: TerminalHandler,
  say: (words: string) => void,
): WatchedTerminal {
  const input = realtime.attachInput(workspace, id, say);
  const stop = realtime.watchLog(workspace, id, {
    position: handler.position,
    chunks: (chunks, _next, complete) => {
      for (const { position, dropped, data } of chunks) {
        const from = position + dropped;
        handler.output({ from, data, next: from + data.length, ended: null });
      }
      if (complete) say('It has ended: this is all that it wrote.');
    },
    ended: handler.ended,
  });
  return {
    ...input,
    stop: () => {
      input.stop();
      stop();
    },
  };
}

/** Without a terminal it reads what it is sent, a line at a time here. */
function Lines({ run, workspace }: { run: Run; workspace: string }) {
  const field = useId();
  const [line, setLine] = useState('');
  const { phase } = run.status;
  const send = useMutation({
    mutationFn: ({ text, end }: { text: string; end: boolean }) => api.writeInput(workspace, run.metadata.id, text, end),
    onSuccess: () => setLine(''),
  });
  const runs = phase === 'running' || phase === 'stopping';
  const reason = runs ? null : isTerminal(phase) ? 'The run is over.' : `The run is ${phase}: input needs a container that runs.`;
  const noEnd = run.spec.stdinOnce ? null : 'Its input cannot be ended: the run was not asked for with stdinOnce.';
  const idle = reason === null && !send.isPending;
  return (
    <div className="flex flex-1 flex-col">
      <div className="flex min-h-80 flex-1 flex-col">
        <LogPanel run={run} workspace={workspace} />
      </div>
      <form
        className="border-t border-line px-4 py-3 md:px-6"
        onSubmit={(event) => {
          event.preventDefault();
          if (idle) send.mutate({ text: `${line}\n`, end: false });
        }}
      >
        <label htmlFor={field} className="mb-1 block font-medium">
          Its standard input
        </label>
        <div className="flex flex-wrap gap-2">
          <input
            id={field}
            value={line}
            onChange={(event) => setLine(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'd' || !event.ctrlKey || noEnd !== null) return;
              event.preventDefault();
              if (idle) send.mutate({ text: line, end: true });
            }}
            placeholder="A line for it"
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${field}-hint`}
            className="field min-w-40 flex-1 font-mono text-sm"
          />
          <Button type="submit" reason={reason} busy={send.isPending}>
            Send
          </Button>
          <Button reason={reason ?? noEnd} busy={send.isPending} onClick={() => send.mutate({ text: line, end: true })}>
            End of input
          </Button>
        </div>
        <p id={`${field}-hint`} className="mt-1 text-sm text-muted">
          Enter sends the line. {noEnd === null && 'Ctrl+D sends what is written and ends the input. '}
          {STAYS_OPEN}
        </p>
        {send.isError && (
          <div className="mt-2">
            <Failure>{send.error.message}</Failure>
          </div>
        )}
      </form>
    </div>
  );
}
