'use client';
import type { Run } from '@berth/shared/model/run';
import { clsx } from 'clsx';
import { ArrowDown, Clock, Download, WrapText } from 'lucide-react';
import type { ReactNode } from 'react';
import { apiPaths } from '../../../lib/paths.ts';
import { buttonClass } from '../../../ui/button.tsx';
import type { Filter } from './log-part.ts';

export const FILTERS = ['all', 'stdout', 'stderr'] as const satisfies readonly Filter[];
const WORDS = { all: 'stdout and stderr', stdout: 'stdout', stderr: 'stderr' };

export interface Switch {
  on: boolean;
  set: (on: boolean) => void;
}

interface Props {
  run: Run;
  workspace: string;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  /** How long the log is. */
  size: string;
  follow: Switch;
  wrap: Switch;
  times: Switch;
  /** The search. */
  children: ReactNode;
}

export function LogToolbar({ run, workspace, filter, onFilter, size, follow, wrap, times, children }: Props) {
  const toggle = ({ on, set }: Switch, label: string, icon: ReactNode, more?: string) => (
    <button
      type="button"
      aria-pressed={on}
      onClick={() => set(!on)}
      className={clsx(buttonClass('quiet', true), on && '!text-text !bg-hover', more)}
    >
      {icon}
      {label}
    </button>
  );
  return (
    <div className="flex flex-wrap items-center gap-1 border-b border-line px-3 py-1 md:px-5">
      <select
        aria-label="Stream"
        value={filter}
        onChange={(event) => onFilter(FILTERS.find((one) => one === event.target.value) ?? 'all')}
        className="field !min-h-7 w-auto !py-0 text-sm"
      >
        {FILTERS.map((one) => (
          <option key={one} value={one}>
            {WORDS[one]}
          </option>
        ))}
      </select>
      {children}
      <span className="ml-auto mr-1 text-sm tabular-nums text-muted">
        <span className="max-sm:hidden">{size}</span>
      </span>
      {toggle(follow, 'follow', <ArrowDown size={13} aria-hidden="true" />)}
      {toggle(wrap, 'wrap', <WrapText size={13} aria-hidden="true" />)}
      {toggle(times, 'times', <Clock size={13} aria-hidden="true" />, 'max-sm:hidden')}
      <a
        href={apiPaths.runLogs(workspace, run.metadata.id)}
        download={`${run.metadata.name}.log`}
        className={buttonClass('quiet', true)}
        aria-label="Download the log"
      >
        <Download size={13} aria-hidden="true" />
      </a>
    </div>
  );
}
