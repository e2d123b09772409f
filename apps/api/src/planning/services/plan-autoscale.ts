/**
 * How many replicas a service is to have, by what they use. Pure (law L2).
 * As Kubernetes' horizontal autoscaler does it: replicas times use by aim, left alone within a tenth of the aim; up to the least and down
 * to the most that was wanted within the windows, so that a moment's peak or lull moves nothing to and fro.
 */
import type { Autoscale } from '@berth/shared/model/service';

const TOLERANCE = 0.1;
const SCALE_UP_SECONDS = 0;
const SCALE_DOWN_SECONDS = 300;
/** Between two looks. */
export const AUTOSCALE_MS = 15_000;

export interface AutoscaleRecord {
  /** What it has decided; null: nothing yet. */
  desired: number | null;
  /** What was wanted, and when, within the longer window; the newest last. */
  wanted: { at: number; count: number }[];
  lookedAt: number;
  message: string;
}

export interface Usage {
  /** Ready replicas with samples; the mean over them, in per cent of what each has. */
  replicas: number;
  cpuPercent: number | null;
  memoryPercent: number | null;
}

export function planAutoscale(
  spec: Autoscale,
  present: number,
  usage: Usage,
  before: AutoscaleRecord | null,
  now: number,
): AutoscaleRecord {
  const within = (seconds: number, wanted: AutoscaleRecord['wanted']) =>
    wanted.filter(({ at }) => at >= now - seconds * 1000).map(({ count }) => count);
  const bounded = (count: number) => Math.min(Math.max(count, spec.min), spec.max);
  const kept = { desired: before?.desired ?? bounded(present), wanted: before?.wanted ?? [], lookedAt: now };
  const aims = [
    { name: 'CPU', used: usage.cpuPercent, aim: spec.cpuPercent },
    { name: 'memory', used: usage.memoryPercent, aim: spec.memoryPercent },
  ].flatMap(({ name, used, aim }) =>
    aim === undefined || used === null ? [] : [{ name, used, aim, count: countFor(present, used / aim) }],
  );
  const most = aims.reduce<(typeof aims)[number] | null>((a, b) => (a === null || b.count > a.count ? b : a), null);
  // Nothing is known of what they use: nothing is changed by it.
  if (most === null || usage.replicas === 0) return { ...kept, message: 'it has no samples of its replicas yet' };

  const count = bounded(most.count);
  const windows = [spec.scaleUpWindowSeconds ?? SCALE_UP_SECONDS, spec.scaleDownWindowSeconds ?? SCALE_DOWN_SECONDS] as const;
  const wanted = [...kept.wanted, { at: now, count }].filter(({ at }) => at >= now - Math.max(...windows) * 1000);
  const least = Math.min(...within(windows[0], wanted));
  const greatest = Math.max(...within(windows[1], wanted));
  const desired = bounded(least > present ? least : greatest < present ? greatest : present);
  const message = `its replicas use ${Math.round(most.used)} % of their ${most.name}, ${most.aim} % is the aim: ${count} wanted now, ${desired} by its windows`;
  return { desired, wanted, lookedAt: now, message };
}

function countFor(present: number, ratio: number): number {
  return Math.abs(ratio - 1) <= TOLERANCE ? present : Math.ceil(present * ratio);
}
