/** The engine's statistics of a container, as counters. */
import { z } from 'zod';
import type { Counters } from '../stats/counters.ts';

export const statsSchema = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
  memory_stats: z.object({ usage: z.number().optional(), stats: z.record(z.string(), z.number()).nullish() }).nullish(),
  networks: z.record(z.string(), z.object({ rx_bytes: z.number(), tx_bytes: z.number() })).nullish(),
  blkio_stats: z.object({ io_service_bytes_recursive: z.array(z.object({ op: z.string(), value: z.number() })).nullish() }).nullish(),
  pids_stats: z.object({ current: z.number().optional() }).nullish(),
});

export function countersOf(stats: z.infer<typeof statsSchema>): Counters {
  const networks = Object.values(stats.networks ?? {});
  const io = (op: string) =>
    (stats.blkio_stats?.io_service_bytes_recursive ?? []).reduce(
      (sum, entry) => sum + (entry.op.toLowerCase() === op ? entry.value : 0),
      0,
    );
  // Version 1 and version 2 of cgroups name it differently.
  const idle = stats.memory_stats?.stats?.total_inactive_file ?? stats.memory_stats?.stats?.inactive_file ?? 0;
  return {
    at: performance.now(),
    cpuNanoseconds: stats.cpu_stats.cpu_usage.total_usage,
    memoryBytes: (stats.memory_stats?.usage ?? 0) - idle,
    receivedBytes: networks.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    sentBytes: networks.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
    readBytes: io('read'),
    writtenBytes: io('write'),
    pids: stats.pids_stats?.current ?? 0,
  };
}
