/** Where a host is, for those who count runs by a label of their hosts. */
import type { Labels } from '@berth/shared/model/metadata';
import type { CandidateHost, Crowd } from './model.ts';

/** Undefined: the host has no such label, and so is nowhere. */
export function placeOf(topology: string | null, host: Pick<CandidateHost, 'id' | 'labels'>): string | undefined {
  if (topology === null) return host.id;
  return Object.hasOwn(host.labels, topology) ? host.labels[topology] : undefined;
}

export function countAt(crowd: Crowd, host: CandidateHost): number {
  const place = placeOf(crowd.topology, host);
  return place === undefined ? 0 : (crowd.at.get(place) ?? 0);
}

export const hasLabels = (labels: Labels, selector: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);

/** "app=db,tier=back" */
export const selectorText = (selector: Labels): string =>
  Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
