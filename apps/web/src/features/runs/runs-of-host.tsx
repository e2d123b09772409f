'use client';

import { useMemo } from 'react';
import { RunList } from './run-list.tsx';

export function RunsOfHost({ hostId }: { hostId: string }) {
  const filters = useMemo(() => ({ host: hostId }), [hostId]);
  return (
    <RunList filters={filters} withHost={false} empty={<p className="px-4 py-3 text-muted md:px-6">Nothing has run on this host yet.</p>} />
  );
}
