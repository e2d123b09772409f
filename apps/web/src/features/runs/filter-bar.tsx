'use client';
import { isTerminal, PHASES, type Phase } from '@berth/shared/model/phase-table';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useKeys } from '../../lib/keys.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { lookOfPhase } from '../../ui/state.ts';
import type { FilterName, useFilters } from './use-filters.ts';

const ACTIVE = PHASES.filter((phase) => !isTerminal(phase)).join(',');
const STATES = [
  { value: '', label: 'All states' },
  { value: ACTIVE, label: 'Not at an end' },
  ...PHASES.map((phase: Phase) => ({ value: phase, label: lookOfPhase(phase).word })),
];

export function FilterBar({ state, withHost }: { state: ReturnType<typeof useFilters>; withHost: boolean }) {
  const workspace = useWorkspace();
  const { filters, set, clear, any } = state;
  const hosts = useQuery({ queryKey: queryKeys.hosts(workspace), queryFn: ({ signal }) => api.listHosts(workspace, signal) });
  const nameInput = useRef<HTMLInputElement>(null);
  useKeys([{ keys: '/', label: 'Filter by name', run: () => nameInput.current?.focus() }]);
  const known = STATES.some((one) => one.value === (filters.phase ?? ''));

  return (
    <search aria-label="Filter the runs" className="flex flex-wrap items-center gap-2 border-b border-line px-4 pb-3 md:px-6">
      <TextFilter name="name" label="Name" value={filters.name} set={set} inputRef={nameInput} />
      <TextFilter name="image" label="Image" value={filters.image} set={set} />
      <TextFilter name="label" label="Label" placeholder="key=value" value={filters.label} set={set} />
      <select
        aria-label="State"
        className="field w-auto max-sm:w-[calc(50%-4px)]"
        value={filters.phase ?? ''}
        onChange={(event) => set('phase', event.target.value)}
      >
        {STATES.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
        {!known && <option value={filters.phase}>{filters.phase}</option>}
      </select>
      {withHost && (
        <select
          aria-label="Host"
          className={clsx('field w-auto max-w-40', !filters.host && 'max-sm:hidden')}
          value={filters.host ?? ''}
          onChange={(event) => set('host', event.target.value)}
        >
          <option value="">All hosts</option>
          {hosts.data?.items.map((host) => (
            <option key={host.metadata.id} value={host.metadata.id}>
              {host.metadata.name}
            </option>
          ))}
        </select>
      )}
      {any && (
        <Button kind="quiet" small onClick={clear}>
          Clear
        </Button>
      )}
    </search>
  );
}

interface TextFilterProps {
  name: FilterName;
  label: string;
  placeholder?: string;
  value: string | undefined;
  set: (name: FilterName, value: string) => void;
  inputRef?: React.Ref<HTMLInputElement>;
}

/** Typing is kept here and reaches the address, and with it the query, a moment later. */
function TextFilter({ name, label, placeholder, value, set, inputRef }: TextFilterProps) {
  const [text, setText] = useState(value ?? '');
  const sent = useRef(value ?? '');
  useEffect(() => {
    if ((value ?? '') === sent.current) return;
    sent.current = value ?? '';
    setText(value ?? '');
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      set(name, text);
    }, 200);
    return () => clearTimeout(timer);
  });
  return (
    <input
      ref={inputRef}
      type="search"
      aria-label={label}
      placeholder={placeholder ? `${label}: ${placeholder}` : label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
      className={clsx('field w-36 max-sm:w-[calc(50%-4px)]', name !== 'name' && !value && 'max-sm:hidden')}
    />
  );
}
