'use client';
import type { Run } from '@berth/shared/model/run';
import { useMemo, useState } from 'react';

/** The runs that are ticked. With `range`, all from the one ticked before to this one become as this one does. */
export function useSelection(rows: readonly Run[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(() => new Set());
  const [anchor, setAnchor] = useState<string | null>(null);
  const selected = useMemo(() => rows.filter((run) => ids.has(run.metadata.id)), [rows, ids]);

  const toggle = (id: string, range: boolean) => {
    const on = !ids.has(id);
    const at = rows.findIndex((run) => run.metadata.id === id);
    const from = range ? rows.findIndex((run) => run.metadata.id === anchor) : -1;
    const touched = from < 0 ? [id] : rows.slice(Math.min(from, at), Math.max(from, at) + 1).map((run) => run.metadata.id);
    const next = new Set(ids);
    for (const each of touched) {
      if (on) next.add(each);
      else next.delete(each);
    }
    setIds(next);
    setAnchor(id);
  };
  return {
    ids,
    selected,
    toggle,
    clear: () => setIds(new Set()),
    all: () => setIds(new Set(rows.map((run) => run.metadata.id))),
  };
}
