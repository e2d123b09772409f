/**
 * What events do to the lists in the query cache. Pure. REST stays the truth: a patch only brings forward what the next read will
 * say, and whatever an event does not carry is read again.
 */

import type { BerthEvent } from '@berth/shared/events/event';
import type { Page } from '@berth/shared/http/lists';
import { isTerminal, PHASES } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';
import type { RunFilters } from '../../lib/query-keys.ts';

export interface Pages {
  pages: Page<Run>[];
  pageParams: unknown[];
}

/** Of two views of one run the later one: an answer that was asked for before a push may come after it. */
export function newerRun(known: Run | undefined, read: Run): Run {
  const version = (run: Run) => Number(run.metadata.resourceVersion);
  return known && version(known) > version(read) ? known : read;
}

/** A run after an event; the same object where the event says nothing new. A phase never moves backwards within a life of an attempt (law L4). */
export function applyEvent(run: Run, event: BerthEvent): Run {
  if (event.type === 'run.updated' && event.id === run.metadata.id) {
    const { name, labels } = event.data;
    return { ...run, metadata: { ...run.metadata, name: name?.to ?? run.metadata.name, labels: labels ?? run.metadata.labels } };
  }
  if (event.type === 'run.replacing' && event.id === run.metadata.id) return queuedAgain(run, event);
  if (event.type !== 'run.phase' || event.id !== run.metadata.id) return run;
  const present = run.status.attempts.at(-1)?.id;
  // Ids sort by age.
  if (event.data.attemptId !== null && present !== undefined && event.data.attemptId < present) return run;
  const { phase, reason, message, hostId, exitCode } = event.data;
  const { status } = run;
  const restarts = event.data.restarts ?? status.restarts;
  const isOlder = restarts < status.restarts || (restarts === status.restarts && PHASES.indexOf(phase) < PHASES.indexOf(status.phase));
  if (isTerminal(status.phase) || isOlder) return run;
  return {
    ...run,
    status: {
      ...status,
      phase,
      reason,
      message,
      restarts,
      exitCode: exitCode ?? (restarts > status.restarts ? null : status.exitCode),
      hostId: hostId ?? status.hostId,
      hostName: event.data.hostName ?? (hostId === null || hostId === status.hostId ? status.hostName : null),
      startedAt: status.startedAt ?? (phase === 'running' ? event.at : null),
      finishedAt: status.finishedAt ?? (isTerminal(phase) ? event.at : null),
      phaseTimes: { ...status.phaseTimes, [phase]: status.phaseTimes[phase] ?? event.at },
    },
  };
}

type Replacing = Extract<BerthEvent, { type: 'run.replacing' }>;

/** Its attempt is over, and another one follows: all that was of that attempt begins anew. */
function queuedAgain(run: Run, { at, data: { attemptId, message } }: Replacing): Run {
  const { status } = run;
  const present = status.attempts.at(-1);
  if (
    isTerminal(status.phase) ||
    (present !== undefined && attemptId < present.id) ||
    (present?.id === attemptId && isTerminal(present.phase))
  ) {
    return run;
  }
  return {
    ...run,
    status: {
      ...status,
      phase: 'queued',
      reason: 'waiting-for-placement',
      message,
      restarts: 0,
      health: null,
      exitCode: null,
      hostId: null,
      hostName: null,
      startedAt: null,
      phaseTimes: { queued: at },
    },
  };
}

export function applyToPages(data: Pages, events: readonly BerthEvent[]): Pages {
  const byRun = new Map<string, BerthEvent[]>();
  for (const event of events) byRun.set(event.id, [...(byRun.get(event.id) ?? []), event]);
  const pages = data.pages.map((page) => {
    if (!page.items.some(({ metadata }) => byRun.has(metadata.id))) return page;
    const items = page.items.flatMap((run) => {
      const mine = byRun.get(run.metadata.id) ?? [];
      if (mine.some((event) => event.type === 'run.deleted')) return [];
      return [mine.reduce((now, event) => applyEvent(now, event), run)];
    });
    return withItems(page, items);
  });
  return pages.some((page, index) => page !== data.pages[index]) ? { ...data, pages } : data;
}

/**
 * Puts a freshly read first page over what is there: its runs replace older views of themselves, new ones come first, and rows
 * further down stay where the reader has them.
 */
export function mergeHead(data: Pages, head: Page<Run>): Pages {
  const [first, ...rest] = data.pages;
  if (!first) return { pages: [head], pageParams: [undefined] };
  const fresh = new Map(head.items.map((run) => [run.metadata.id, run]));
  const known = new Set(data.pages.flatMap((page) => page.items.map((run) => run.metadata.id)));
  const added = head.items.filter((run) => !known.has(run.metadata.id));
  const lastId = head.items.at(-1)?.metadata.id ?? '';
  const whole = head.next === null;
  const update = (run: Run): Run[] => {
    const now = fresh.get(run.metadata.id);
    if (now) return [now.metadata.resourceVersion === run.metadata.resourceVersion ? run : now];
    // Within the span of the fresh page, what it does not hold is gone (deleted, or no longer fits the filter).
    return whole || run.metadata.id > lastId ? [] : [run];
  };
  return {
    ...data,
    pages: [
      { ...first, cursor: head.cursor, items: [...added, ...first.items.flatMap(update)] },
      ...rest.map((page) => withItems(page, page.items.flatMap(update))),
    ],
  };
}

/** The same object where it would hold the same: what draws it need not look again. */
function withItems(page: Page<Run>, items: Run[]): Page<Run> {
  const same = items.length === page.items.length && items.every((item, index) => item === page.items[index]);
  return same ? page : { ...page, items };
}

/** Of a list with the oldest first, whose last page was read again. */
export function replaceEnd(data: Pages, end: Page<Run>): Pages {
  return { ...data, pages: [...data.pages.slice(0, -1), end] };
}

/** Whether a row still belongs under the filter after a patch; only the phase can change. */
export function fitsPhase(run: Run, filters: RunFilters): boolean {
  return !filters.phase || filters.phase.split(',').includes(run.status.phase);
}

/** All rows, in the order of the pages, each once. */
export function rowsOf(data: Pages | undefined): Run[] {
  const seen = new Set<string>();
  const rows: Run[] = [];
  for (const run of data?.pages.flatMap((page) => page.items) ?? []) {
    if (seen.has(run.metadata.id)) continue;
    seen.add(run.metadata.id);
    rows.push(run);
  }
  return rows;
}
