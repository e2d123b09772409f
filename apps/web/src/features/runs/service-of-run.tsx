'use client';
import type { Run } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { Layers } from 'lucide-react';
import Link from 'next/link';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';

/** As the api marks replicas with the name of their service. */
const SERVICE_LABEL = 'berth.service';

/** A replica leads to its service; nothing where it is none, or its service is deleted. */
export function ServiceOfRun({ run, workspace }: { run: Run; workspace: string }) {
  const name = run.metadata.labels[SERVICE_LABEL];
  // The list knows parts of names: the service itself is among them.
  const asked = { name, limit: '200' };
  const services = useQuery({
    queryKey: queryKeys.serviceList(workspace, asked),
    queryFn: ({ signal }) => api.listServices(workspace, asked, undefined, signal),
    enabled: name !== undefined,
  });
  const service = services.data?.items.find(({ metadata }) => metadata.name === name);
  if (!service) return null;
  return (
    <Link
      href={paths.service(workspace, service.metadata.id)}
      className="inline-flex items-center gap-1.5 rounded-full border border-line px-2 text-sm text-accent hover:bg-hover"
    >
      <Layers size={12} aria-hidden="true" />
      Replica of {name}
    </Link>
  );
}
