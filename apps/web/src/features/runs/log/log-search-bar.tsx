'use client';
import { clsx } from 'clsx';
import { CaseSensitive, ChevronDown, ChevronUp, Regex } from 'lucide-react';
import type { RefObject } from 'react';
import { buttonClass } from '../../../ui/button.tsx';
import type { Found, Search } from './use-log-search.ts';

interface Props {
  field: RefObject<HTMLInputElement | null>;
  search: Search;
  onSearch: (search: Search) => void;
  found: Found;
  /** Of the matches, the one that is shown; -1 for none yet. */
  current: number;
  step: (by: 1 | -1) => void;
}

/** Search in the whole log, with what was found and how far it is. */
export function LogSearchBar({ field, search, onSearch, found, current, step }: Props) {
  const toggle = (on: boolean) => clsx(buttonClass('quiet', true), '!px-1.5', on && '!text-text !bg-hover');
  return (
    <search className="flex min-w-0 items-center gap-1 max-sm:order-last max-sm:basis-full">
      <input
        ref={field}
        type="search"
        value={search.text}
        placeholder="Search the log"
        aria-label="Search the log"
        aria-keyshortcuts="/"
        maxLength={1000}
        spellCheck={false}
        aria-invalid={found.problem !== null || undefined}
        onChange={(event) => onSearch({ ...search, text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            step(event.shiftKey ? -1 : 1);
          } else if (event.key === 'Escape') {
            onSearch({ ...search, text: '' });
            event.currentTarget.blur();
          }
        }}
        className="field !min-h-7 w-full min-w-24 !py-0 text-sm sm:w-48"
      />
      <button
        type="button"
        aria-label="Match case"
        title="Match case"
        aria-pressed={!search.ignoreCase}
        onClick={() => onSearch({ ...search, ignoreCase: !search.ignoreCase })}
        className={toggle(!search.ignoreCase)}
      >
        <CaseSensitive size={14} aria-hidden="true" />
      </button>
      <button
        type="button"
        aria-label="Regular expression"
        title="Regular expression (RE2)"
        aria-pressed={search.regex}
        onClick={() => onSearch({ ...search, regex: !search.regex })}
        className={toggle(search.regex)}
      >
        <Regex size={14} aria-hidden="true" />
      </button>
      {search.text !== '' && (
        <>
          <output aria-label="Found" className="min-w-16 whitespace-nowrap px-1 text-sm tabular-nums text-muted">
            {found.problem === null ? countWords(found, current) : 'refused'}
          </output>
          <button type="button" aria-label="Previous match" onClick={() => step(-1)} className={toggle(false)}>
            <ChevronUp size={14} aria-hidden="true" />
          </button>
          <button type="button" aria-label="Next match" onClick={() => step(1)} className={toggle(false)}>
            <ChevronDown size={14} aria-hidden="true" />
          </button>
        </>
      )}
    </search>
  );
}

function countWords({ matches, searching, more, share }: Found, current: number): string {
  const count = `${matches.length.toLocaleString('en')}${more ? '+' : ''}`;
  const place = current >= 0 ? `${(current + 1).toLocaleString('en')} of ${count}` : `${count} ${matches.length === 1 ? 'line' : 'lines'}`;
  return searching ? `${place} · ${Math.floor(share * 100)} %` : place;
}
