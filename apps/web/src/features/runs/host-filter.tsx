'use client';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { useEffect, useId, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';

/** As many as a list under a field can be read. */
const MOST_OFFERED = '20';

/** The host whose runs are meant, found by a part of its name: a fleet is too long for a list to choose from. */
export function HostFilter({ value, set }: { value: string | undefined; set: (id: string) => void }) {
  const workspace = useWorkspace();
  const list = useId();
  const [text, setText] = useState('');
  const asked = { name: text.trim() || undefined, limit: MOST_OFFERED };
  const offered = useQuery({
    queryKey: queryKeys.hostList(workspace, asked),
    queryFn: ({ signal }) => api.listHosts(workspace, asked, signal),
    placeholderData: (before) => before,
  });
  const chosen = useQuery({
    queryKey: queryKeys.host(workspace, value ?? ''),
    queryFn: ({ signal }) => api.getHost(workspace, value ?? '', signal),
    enabled: value !== undefined,
  });
  const name = value === undefined ? '' : chosen.isError ? value : (chosen.data?.metadata.name ?? '');
  useEffect(() => setText(name), [name]);

  const change = (next: string) => {
    setText(next);
    const host = offered.data?.items.find((one) => one.metadata.name === next.trim());
    if (host) set(host.metadata.id);
    else if (next === '' && value !== undefined) set('');
  };
  return (
    <>
      <input
        type="search"
        aria-label="Host"
        placeholder="Host"
        list={list}
        autoComplete="off"
        value={text}
        onChange={(event) => change(event.target.value)}
        // What is no host's name filters nothing: the field does not look as if it did.
        onBlur={() => setText(name)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        className={clsx('field w-40 max-sm:w-[calc(50%-4px)]', !value && 'max-sm:hidden')}
      />
      <datalist id={list}>
        {offered.data?.items.map(({ metadata }) => (
          <option key={metadata.id} value={metadata.name} />
        ))}
      </datalist>
    </>
  );
}
