'use client';
import type { ExecResult } from '@berth/shared/http/container';
import type { Run } from '@berth/shared/model/run';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api } from '../../lib/api.ts';
import { splitWords } from '../../lib/shell-words.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { tokensOf } from './log/ansi-tokens.ts';

/** One command in the container, to its end: its output and its code. `reason`: why none can be run now. */
export function CommandBox({ run, workspace, reason }: { run: Run; workspace: string; reason: string | null }) {
  const [line, setLine] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  const exec = useMutation({
    mutationFn: ({ command }: { line: string; command: string[] }) => api.execInRun(workspace, run.metadata.id, command),
  });
  const start = () => {
    const split = splitWords(line);
    const wrong = !split.ok ? split.message : split.words.length === 0 ? 'Write a command first.' : null;
    setProblem(wrong);
    if (split.ok && wrong === null) exec.mutate({ line, command: split.words });
  };
  return (
    <section className="flex flex-col gap-3">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason === null && !exec.isPending) start();
        }}
      >
        <label htmlFor={id} className="mb-1 block font-medium">
          Run a command in it
        </label>
        <div className="flex gap-2">
          <input
            id={id}
            value={line}
            onChange={(event) => setLine(event.target.value)}
            placeholder="ls -l /"
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}-hint`}
            aria-invalid={problem !== null || undefined}
            className="field font-mono text-sm"
          />
          <Button type="submit" reason={reason} busy={exec.isPending}>
            Run
          </Button>
        </div>
        <p id={`${id}-hint`} className="mt-1 text-sm text-muted">
          {problem ?? 'Its words go to the program as they are; for pipes and variables run a shell: sh -c "…". It has 60 seconds.'}
        </p>
      </form>
      {exec.isError && <Failure>{exec.error.message}</Failure>}
      {exec.data && <Result line={exec.variables?.line ?? ''} result={exec.data} />}
    </section>
  );
}

function Result({ line, result }: { line: string; result: ExecResult }) {
  const { exitCode, stdout, stderr, stillRunning } = result;
  const end = exitCode === null ? `Its time was up${stillRunning ? '; it goes on' : ', it was ended'}` : `Exited (${exitCode})`;
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <p className="flex flex-wrap justify-between gap-2 border-b border-line px-3 py-1.5 text-sm">
        <code className="min-w-0 break-all font-mono">{line}</code>
        <output aria-label="Result" className={exitCode === 0 ? 'text-muted' : 'text-state-red'}>
          {end}
        </output>
      </p>
      <ScrollArea label="Output of the command" className="max-h-96 overflow-auto bg-sunken p-3 font-mono text-sm leading-5">
        <Output text={stdout.data} />
        <Output text={stderr.data} error />
        {stdout.bytes + stderr.bytes === 0 && <p className="font-sans text-muted">It wrote nothing.</p>}
        {(stdout.truncated || stderr.truncated) && <p className="font-sans text-muted">Only the first MiB of each stream is shown.</p>}
      </ScrollArea>
    </div>
  );
}

/** Colours as in the log; never HTML. */
function Output({ text, error = false }: { text: string; error?: boolean }) {
  if (text === '') return null;
  return (
    <pre className={`whitespace-pre-wrap break-words border-l-2 pl-2 ${error ? 'border-state-amber' : 'border-transparent'}`}>
      {text
        .replace(/\n$/, '')
        .split('\n')
        .map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of finished output has nothing but its place
          <div key={index} className="min-h-5">
            {tokensOf(row, '').map((token, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <span key={at} className={token.className} style={{ color: token.color, backgroundColor: token.background }}>
                {token.text}
              </span>
            ))}
          </div>
        ))}
    </pre>
  );
}
