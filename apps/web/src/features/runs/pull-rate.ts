/** How far a pull is and how fast it goes, from what the host reports. Pure: the clock is an argument. */
import type { Layer } from '@berth/shared/model/pull';
import { formatBytes } from '@berth/shared/model/quantity-text';
import { formatSeconds } from '../../lib/format.ts';

/** A speed forgets half of what it was in about this long. */
const HALF_LIFE_MS = 2000;
/** Reports that come closer together say more about the network's buffers than about the speed. */
const CLOSEST_MS = 200;
/** Without a report for this long it stands still, whatever it was before. */
const STALLED_MS = 5000;

export interface Rate {
  bytes: number;
  at: number;
  /** Bytes a second, smoothed; null until two reports are known. */
  perSecond: number | null;
}

/** `bytes` since the beginning. Fewer than before: another stage began, and the speed with it. */
export function nextRate(before: Rate | undefined, bytes: number, at: number): Rate {
  if (!before || bytes < before.bytes) return { bytes, at, perSecond: null };
  const elapsed = at - before.at;
  if (elapsed < CLOSEST_MS || bytes === before.bytes) return before;
  const now = ((bytes - before.bytes) / elapsed) * 1000;
  if (before.perSecond === null) return { bytes, at, perSecond: now };
  const kept = 0.5 ** (elapsed / HALF_LIFE_MS);
  return { bytes, at, perSecond: before.perSecond * kept + now * (1 - kept) };
}

/** Null: not known, or it stands still. */
export function speedOf(rate: Rate | undefined, now: number): number | null {
  return rate === undefined || rate.perSecond === null || now - rate.at > STALLED_MS ? null : rate.perSecond;
}

export const isDone = (layer: Layer): boolean => layer.state === 'complete' || layer.state === 'exists';

/** Bytes that came over the network, however far the layer has got since. */
function downloaded(layer: Layer): number {
  if (layer.state === 'downloading') return layer.current ?? 0;
  return layer.state === 'pulling' || layer.state === 'waiting' ? 0 : (layer.total ?? layer.current ?? 0);
}

export interface PullTotals {
  layers: number;
  done: number;
  bytes: number;
  /** Of the layers whose size is known. */
  total: number;
  /** Whether every layer that is still to come has said its size. */
  whole: boolean;
}

export function totalsOf(layers: readonly Layer[]): PullTotals {
  const sum = (pick: (layer: Layer) => number) => layers.reduce((all, layer) => all + pick(layer), 0);
  return {
    layers: layers.length,
    done: layers.filter(isDone).length,
    bytes: sum(downloaded),
    total: sum((layer) => layer.total ?? downloaded(layer)),
    whole: layers.every((layer) => layer.total !== null || !(layer.state === 'pulling' || layer.state === 'waiting')),
  };
}

/** "3 of 7 layers, 41 MiB of 98 MiB, 12 MiB/s, 5 s left" */
export function pullSummary(totals: PullTotals, perSecond: number | null): string {
  const { layers, done, bytes, total, whole } = totals;
  const parts = [`${done} of ${layers} ${layers === 1 ? 'layer' : 'layers'}`];
  if (total > 0) parts.push(`${formatBytes(bytes)} of ${whole ? '' : 'at least '}${formatBytes(total)}`);
  if (perSecond !== null && perSecond > 0 && bytes < total) {
    parts.push(`${formatBytes(Math.round(perSecond))}/s`);
    if (whole) parts.push(`${formatSeconds(Math.max(1, Math.ceil((total - bytes) / perSecond)))} left`);
  }
  return parts.join(', ');
}
