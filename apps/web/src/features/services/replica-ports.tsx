'use client';
import type { Replica } from '@berth/shared/model/service';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';

interface ReplicaPortsProps {
  ports: Replica['ports'];
  hostId: string | null;
  hostName: string | null;
  workspace: string;
}

/** At the host's own name, as its agent knows it. */
export function ReplicaPorts({ ports, hostId, hostName, workspace }: ReplicaPortsProps) {
  const host = useQuery({
    queryKey: queryKeys.host(workspace, hostId ?? ''),
    queryFn: ({ signal }) => api.getHost(workspace, hostId ?? '', signal),
    enabled: hostId !== null && ports.length > 0,
    // Its name does not change while somebody looks.
    staleTime: 600_000,
  });
  const name = host.data?.status.facts?.hostname ?? hostName;
  return ports.map(({ hostPort, containerPort, protocol }) => {
    const key = `${hostPort}/${protocol}`;
    const title = `Port ${hostPort} of the host leads to port ${containerPort} of the container`;
    return protocol === 'tcp' ? (
      <a
        key={key}
        href={`http://${name}:${hostPort}`}
        target="_blank"
        rel="noreferrer"
        title={title}
        className="mr-3 text-accent underline underline-offset-2"
      >
        {name}:{hostPort}
      </a>
    ) : (
      <span key={key} title={title} className="mr-3 text-muted">
        {name}:{key}
      </span>
    );
  });
}
