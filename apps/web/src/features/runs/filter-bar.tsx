'use client';
import { isTerminal, PHASES, type Phase } from '@berth/shared/model/phase-table';
import { useRef } from 'react';
import { useKeys } from '../../lib/keys.ts';
import { Button } from '../../ui/button.tsx';
import { lookOfPhase } from '../../ui/state.ts';
import { TextFilter } from '../../ui/text-filter.tsx';
import { HostFilter } from './host-filter.tsx';
import type { useFilters } from './use-filters.ts';

const ACTIVE = PHASES.filter((phase) => !isTerminal(phase)).join(',');
const STATES = [
  { value: '', label: 'All states' },
  { value: ACTIVE, label: 'Not at an end' },
  ...PHASES.map((phase: Phase) => ({ value: phase, label: lookOfPhase(phase).word })),
];

export function FilterBar({ state, withHost }: { state: ReturnType<typeof useFilters>; withHost: boolean }) {
  const { filters, set, clear, any } = state;
  const nameInput = useRef<HTMLInputElement>(null);
  useKeys([{ keys: '/', label: 'Filter by name', run: () => nameInput.current?.focus() }]);
  const known = STATES.some((one) => one.value === (filters.phase ?? ''));

  return (
    <search aria-label="Filter the runs" className="flex flex-wrap items-center gap-2 border-b border-line px-4 pb-3 md:px-6">
      <TextFilter name="name" label="Name" value={filters.name} set={set} inputRef={nameInput} />
      <TextFilter name="image" label="Image" value={filters.image} set={set} className={filters.image ? undefined : 'max-sm:hidden'} />
      <TextFilter
        name="label"
        label="Label"
        placeholder="key=value"
        value={filters.label}
        set={set}
        className={filters.label ? undefined : 'max-sm:hidden'}
      />
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
      {withHost && <HostFilter value={filters.host} set={(id) => set('host', id)} />}
      {any && (
        <Button kind="quiet" small onClick={clear}>
          Clear
        </Button>
      )}
    </search>
  );
}
