'use client';
import type { LogStream } from '@berth/shared/events/console-socket';
import type { LogMatches } from '@berth/shared/http/logs';
import { useEffect, useState } from 'react';
import { api, ProblemError } from '../../../lib/api.ts';

/** Held in the page; beyond it the count says "more than". */
const MOST_MATCHES = 5000;
/** Typing goes on for a moment. */
const SETTLE_MS = 250;

export interface Search {
  text: string;
  regex: boolean;
  ignoreCase: boolean;
}

export interface Found {
  /** In the order of their places. */
  matches: LogMatches['items'];
  /** 0 to 1: how much of the log was searched. */
  share: number;
  searching: boolean;
  /** There are more than are held. */
  more: boolean;
  problem: string | null;
}

const NOTHING: Found = { matches: [], share: 0, searching: false, more: false, problem: null };

/** Searches the whole log on the server, part after part. `again` changes where it is to be searched anew (the log has grown). */
export function useLogSearch(workspace: string, run: string, search: Search, stream: LogStream | null, again: number): Found {
  const [found, setFound] = useState<Found>(NOTHING);
  const { text, regex, ignoreCase } = search;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` asks for another search of the same
  useEffect(() => {
    if (text === '') {
      setFound(NOTHING);
      return;
    }
    const ending = new AbortController();
    setFound((before) => ({ ...before, searching: true, problem: null }));
    const timer = setTimeout(() => {
      void searchAll(workspace, run, { text, regex, ignoreCase }, stream, ending.signal, setFound);
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [workspace, run, text, regex, ignoreCase, stream, again]);
  return found;
}

async function searchAll(
  workspace: string,
  run: string,
  { text, regex, ignoreCase }: Search,
  stream: LogStream | null,
  signal: AbortSignal,
  tell: (found: Found) => void,
): Promise<void> {
  const matches: LogMatches['items'] = [];
  const asked = { q: text, regex: regex ? 'true' : undefined, ignoreCase: ignoreCase ? 'true' : undefined, stream: stream ?? undefined };
  try {
    for (let cursor: string | undefined; ; ) {
      const part = await api.searchLog(workspace, run, { ...asked, limit: '1000', cursor }, signal);
      matches.push(...part.items);
      const done = part.next === null || matches.length >= MOST_MATCHES;
      tell({
        matches: [...matches].sort((a, b) => a.position - b.position),
        share: part.bytes === 0 ? 1 : part.searched / part.bytes,
        searching: !done,
        more: part.next !== null && done,
        problem: null,
      });
      if (done) return;
      cursor = part.next ?? undefined;
    }
  } catch (error) {
    if (signal.aborted) return;
    const problem = error instanceof ProblemError ? error.problem.detail : 'The search broke off.';
    tell({ ...NOTHING, problem: problem ?? 'The search was refused.' });
  }
}
