'use client';
import type { Run } from '@berth/shared/model/run';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { notify } from '../../ui/notice.tsx';
import { BULK_ACTIONS, BULK_WORDS, type BulkAction, inTurns, planBulk, summaryOf } from './bulk.ts';

/** Calls under way at once: REST takes one run a call. */
const AT_ONCE = 4;

const CALLS: Record<BulkAction, (workspace: string, run: Run) => Promise<unknown>> = {
  stop: (workspace, run) => api.stopRun(workspace, run.metadata.id),
  kill: (workspace, run) => api.killRun(workspace, run.metadata.id),
  remove: (workspace, run) => api.deleteRun(workspace, run.metadata.id),
  again: (workspace, { metadata, spec }) => api.createRun(workspace, { metadata: { name: metadata.name, labels: metadata.labels }, spec }),
};

interface BulkBarProps {
  workspace: string;
  selected: Run[];
  onAll: () => void;
  onClear: () => void;
}

/** What can be done to the runs that are ticked. It floats, so that no row moves when it comes. */
export function BulkBar({ workspace, selected, onAll, onClear }: BulkBarProps) {
  const [asking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: async (action: BulkAction) => {
      const outcomes = await inTurns(planBulk(action, selected).can, AT_ONCE, (run) => CALLS[action](workspace, run));
      return { action, outcomes };
    },
    onSuccess: ({ action, outcomes }) => {
      const failed = outcomes.some(({ error }) => error !== null);
      notify(summaryOf(action, outcomes), failed);
      setAsking(false);
      if (!failed) onClear();
    },
  });
  const removable = planBulk('remove', selected).can.length;
  return (
    <section
      aria-label="Selection"
      className="absolute inset-x-2 bottom-3 z-20 mx-auto flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border border-line-strong bg-panel px-3 py-2 shadow-float"
    >
      <span aria-live="polite" className="mr-1 tabular-nums">
        {selected.length} selected
      </span>
      {BULK_ACTIONS.map((action) => {
        const { can, reason } = planBulk(action, selected);
        const some = can.length > 0 && can.length < selected.length ? ` ${can.length} of ${selected.length}` : '';
        return (
          <Button
            key={action}
            small
            reason={reason}
            busy={act.isPending}
            onClick={() => (action === 'remove' ? setAsking(true) : act.mutate(action))}
          >
            {BULK_WORDS[action].button}
            {some}
          </Button>
        );
      })}
      <Button small kind="quiet" onClick={onAll}>
        All shown
      </Button>
      <Button small kind="quiet" keys="Escape" onClick={onClear}>
        None
      </Button>
      {asking && (
        <Confirm
          title={`Remove ${removable} ${removable === 1 ? 'run' : 'runs'}?`}
          yes="Remove"
          no="Keep them"
          busy={act.isPending}
          onYes={() => act.mutate('remove')}
          onClose={() => setAsking(false)}
        >
          Their containers, logs and histories are deleted. This cannot be undone.
        </Confirm>
      )}
    </section>
  );
}
