'use client';
import type { RunStats } from '@berth/shared/http/stats';
import { isTerminal } from '@berth/shared/model/phase-table';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity-text';
import type { Run } from '@berth/shared/model/run';
import type { Sample } from '@berth/shared/model/sample';
import { useQuery } from '@tanstack/react-query';
import { parseAsInteger, useQueryState } from 'nuqs';
import { useEffect, useMemo, useState } from 'react';
import { api } from '../../../lib/api.ts';
import { queryKeys } from '../../../lib/query-keys.ts';
import { useRealtime } from '../../../lib/realtime-context.tsx';
import { Button } from '../../../ui/button.tsx';
import { Failure } from '../../../ui/failure.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { useMoment } from '../use-moment.ts';
import { Chart, type Line, type Unit } from './chart.tsx';
import { MomentBar } from './moment-bar.tsx';
import { columnsOf, joined, type Pick } from './series.ts';

/** Of live samples; what is older is read again with the history. */
const MOST_LIVE = 1800;
const MIB = 2 ** 20;
const rate = (bytes: number) => `${formatBytes(Math.round(bytes))}/s`;
const cores = (millis: number) => `${formatCpu(Math.round(millis / 10) * 10)} cores`;

interface Shown {
  title: string;
  lines: readonly Line[];
  picks: readonly Pick[];
  format: (value: number) => string;
  unit: Unit;
  top: number;
  now: (sample: Sample, limits: RunStats['limits']) => string;
}

const CHARTS: readonly Shown[] = [
  {
    title: 'Processor',
    lines: [{ label: 'used', color: 'blue' }],
    picks: [(sample) => sample.cpuMillis],
    format: cores,
    unit: 'count',
    top: 100,
    now: ({ cpuMillis }, limits) => [cores(cpuMillis), ...shares(cpuMillis, limits.cpuMillis, limits.hostCpuMillis)].join(', '),
  },
  {
    title: 'Memory',
    lines: [{ label: 'working set', color: 'green' }],
    picks: [(sample) => sample.memoryBytes],
    format: (value) => formatBytes(Math.round(value)),
    unit: 'bytes',
    top: MIB,
    now: ({ memoryBytes }, limits) =>
      [formatBytes(Math.round(memoryBytes)), ...shares(memoryBytes, limits.memoryBytes, limits.hostMemoryBytes)].join(', '),
  },
  {
    title: 'Network',
    lines: [
      { label: 'received', color: 'blue' },
      { label: 'sent', color: 'amber' },
    ],
    picks: [(sample) => sample.receivedBytes, (sample) => sample.sentBytes],
    format: rate,
    unit: 'bytes',
    top: 1024,
    now: ({ receivedBytes, sentBytes }) => `${rate(receivedBytes)} received, ${rate(sentBytes)} sent`,
  },
  {
    title: 'Disk',
    lines: [
      { label: 'read', color: 'blue' },
      { label: 'written', color: 'amber' },
    ],
    picks: [(sample) => sample.readBytes, (sample) => sample.writtenBytes],
    format: rate,
    unit: 'bytes',
    top: 1024,
    now: ({ readBytes, writtenBytes }) => `${rate(readBytes)} read, ${rate(writtenBytes)} written`,
  },
  {
    title: 'Processes',
    lines: [{ label: 'processes and threads', color: 'purple' }],
    picks: [(sample) => sample.pids],
    format: (value) => String(Math.round(value)),
    unit: 'count',
    top: 4,
    now: ({ pids }) => String(Math.round(pids)),
  },
];

function shares(value: number, limit: number | null, host: number | null): string[] {
  const percent = (of: number, what: string) => `${((value / of) * 100).toFixed(value / of < 0.1 ? 1 : 0)} % of ${what}`;
  return [...(limit ? [percent(limit, 'its limit')] : []), ...(host ? [percent(host, 'the host')] : [])];
}

/** What it used since its start; a point a second while it is looked at. */
export function StatsTab({ run, workspace }: { run: Run; workspace: string }) {
  const { id } = run.metadata;
  const ended = isTerminal(run.status.phase);
  const realtime = useRealtime();
  const [moment, setMoment] = useMoment();
  const [, setAt] = useQueryState('at', parseAsInteger);
  const pointAt = (next: Date | null) => {
    setMoment(next);
    // It is no longer that of a line of the log.
    void setAt(null);
  };
  const [live, setLive] = useState<Sample[]>([]);
  const query = useQuery({
    queryKey: [...queryKeys.runStats(workspace, id), ended],
    queryFn: ({ signal }) => api.runStats(workspace, id, signal),
  });
  useEffect(() => {
    if (ended) return;
    return realtime?.watchStats(workspace, id, (samples) => {
      setLive((known) => [...known, ...samples.map(({ sample }) => sample)].slice(-MOST_LIVE));
    });
  }, [realtime, workspace, id, ended]);
  const samples = useMemo(() => joined(query.data?.points ?? [], live), [query.data, live]);
  const gap = (query.data?.step ?? 10) * 3.5;
  const columns = useMemo(() => CHARTS.map(({ picks }) => columnsOf(samples, picks, gap)), [samples, gap]);

  if (query.isError && query.data === undefined) {
    return (
      <div className="p-4 md:px-6">
        <Failure action={<Button onClick={() => void query.refetch()}>Try again</Button>}>{query.error.message}</Failure>
      </div>
    );
  }
  if (!query.data) return <Skeleton label="Reading what it used" rows={8} />;
  const last = samples.at(-1);
  if (!last) {
    return (
      <p className="px-4 py-6 text-muted md:px-6">
        {ended
          ? 'It ended before anything was measured.'
          : 'Nothing is measured yet: that begins about a second after its container has started.'}
      </p>
    );
  }
  const { limits } = query.data;
  return (
    <>
      <MomentBar moment={moment} onMoment={pointAt} times={samples.map(({ at }) => Date.parse(at))} />
      <div className="grid grid-cols-1 gap-3 px-4 pb-4 md:px-6 xl:grid-cols-2">
        {CHARTS.map((chart, index) => (
          <Chart
            key={chart.title}
            moment={moment}
            onMoment={pointAt}
            title={chart.title}
            now={`${ended ? 'at last ' : ''}${chart.now(last, limits)}`}
            lines={chart.lines}
            columns={columns[index] ?? [[]]}
            format={chart.format}
            unit={chart.unit}
            top={chart.top}
          />
        ))}
      </div>
    </>
  );
}
