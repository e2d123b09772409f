'use client';
import type { HostCell } from '@berth/shared/model/host-map';
import { clsx } from 'clsx';
import { useRef } from 'react';
import { useKeys } from '../../../lib/keys.ts';
import { Button } from '../../../ui/button.tsx';
import { lookOfHost, lookOfMark } from '../../../ui/state.ts';
import { TextFilter } from '../../../ui/text-filter.tsx';
import { COLOUR_WORDS, COLOURS, labelKeys } from './host-cells.ts';
import { type HostView, PANES, STATE_FILTERS } from './use-host-view.ts';

type StateFilter = (typeof STATE_FILTERS)[number];
const STATE_WORDS: Record<StateFilter, string> = {
  ready: lookOfHost('ready').word,
  'not-ready': lookOfHost('not-ready').word,
  lost: lookOfHost('lost').word,
  cordoned: lookOfMark('cordoned').word,
  draining: lookOfMark('draining').word,
  drained: lookOfMark('drained').word,
  unapproved: lookOfMark('unapproved').word,
};
const PANE_WORDS: Record<(typeof PANES)[number], string> = { map: 'Map', list: 'List' };
const SELECT = 'field w-auto max-sm:w-[calc(50%-4px)]';

/** Which hosts are shown, how they are grouped and what their colour says. */
export function HostFilterBar({ view, cells }: { view: HostView; cells: readonly HostCell[] }) {
  const nameInput = useRef<HTMLInputElement>(null);
  useKeys([{ keys: '/', label: 'Filter by name', run: () => nameInput.current?.focus() }]);
  const keys = labelKeys(cells);
  if (view.group !== null && !keys.includes(view.group)) keys.push(view.group);
  const write = (name: 'name' | 'label', value: string) => void view.set({ [name]: value === '' ? null : value });
  return (
    <search aria-label="Filter the hosts" className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3 md:px-6">
      <TextFilter name="name" label="Name" value={view.name ?? undefined} set={write} inputRef={nameInput} />
      <TextFilter name="label" label="Label" placeholder="key=value" value={view.label ?? undefined} set={write} />
      <select
        aria-label="State"
        className={SELECT}
        value={view.state ?? ''}
        onChange={(event) => void view.set({ state: STATE_FILTERS.find((one) => one === event.target.value) ?? null })}
      >
        <option value="">All states</option>
        {STATE_FILTERS.map((value) => (
          <option key={value} value={value}>
            {STATE_WORDS[value]}
          </option>
        ))}
      </select>
      {view.filtered && (
        <Button kind="quiet" small onClick={view.clear}>
          Clear
        </Button>
      )}
      <span className="flex flex-wrap items-center gap-2 max-sm:contents sm:ml-auto">
        <select
          aria-label="Group by"
          className={clsx(SELECT, view.pane === 'list' && 'max-lg:hidden')}
          value={view.group ?? ''}
          onChange={(event) => void view.set({ group: event.target.value === '' ? null : event.target.value })}
        >
          <option value="">Not grouped</option>
          {keys.map((key) => (
            <option key={key} value={key}>
              By {key}
            </option>
          ))}
        </select>
        <select
          aria-label="Colour by"
          className={clsx(SELECT, view.pane === 'list' && 'max-lg:hidden')}
          value={view.colour}
          onChange={(event) => void view.set({ colour: COLOURS.find((one) => one === event.target.value) ?? null })}
        >
          {COLOURS.map((colour) => (
            <option key={colour} value={colour}>
              {COLOUR_WORDS[colour]}
            </option>
          ))}
        </select>
        <fieldset aria-label="Shown" className="flex lg:hidden">
          {PANES.map((pane) => (
            <Button
              key={pane}
              kind={view.pane === pane ? 'plain' : 'quiet'}
              aria-pressed={view.pane === pane}
              onClick={() => void view.set({ pane })}
            >
              {PANE_WORDS[pane]}
            </Button>
          ))}
        </fieldset>
      </span>
    </search>
  );
}
