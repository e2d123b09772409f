/** What a service is and does, in words. Pure. */
import { familiarImageName, formatImageReference, parseImageReference } from '@berth/shared/model/image-reference';
import type { Condition, ServiceSpec, ServiceStatus } from '@berth/shared/model/service';
import { isSecretName, MASK } from '../runs/secrets.ts';

/** "1f2e3d4c5b6a", as tools print it; null where none is known. */
export function shortDigest(digest: string | null): string | null {
  return /sha256:([a-f0-9]{12})/.exec(digest ?? '')?.[1] ?? null;
}

/** "nginx:1.29": as Docker shows it, without a digest that was written into it. */
export function imageName(reference: string): string {
  const parsed = parseImageReference(reference);
  return parsed.ok ? familiarImageName({ ...parsed.image, digest: undefined }) : reference;
}

/** With its registry and its digest. */
export function fullImage(reference: string, digest: string | null): string {
  const parsed = parseImageReference(reference);
  return parsed.ok ? formatImageReference({ ...parsed.image, digest: digest ?? parsed.image.digest }) : reference;
}

/** The part of a service's status that its sentence is about: since when, how it looks, and what can be done next. */
export interface Situation {
  tone: 'calm' | 'blue' | 'amber' | 'red';
  /** Null: nothing waits. */
  since: string | null;
  next: string | null;
}

export function situationOf({ rollout, desired, available, conditions }: ServiceStatus): Situation {
  const since = (type: Condition['type']) => conditions.find((condition) => condition.type === type)?.lastTransitionTime ?? null;
  switch (rollout) {
    case 'done':
      if (available >= desired) return { tone: 'calm', since: null, next: null };
      return { tone: available === 0 ? 'red' : 'amber', since: since('Available'), next: 'What is missing is started by itself.' };
    case 'rolling':
      return { tone: 'blue', since: since('Progressing'), next: null };
    case 'canary':
    case 'paused':
      return { tone: 'amber', since: since('Paused'), next: 'Its replicas are kept at count meanwhile.' };
    case 'failed':
      return { tone: 'red', since: since('Progressing'), next: null };
    case 'rolled-back':
      return { tone: 'amber', since: since('Progressing'), next: 'Change the template, or retry it.' };
  }
}

/** "start-first, at most 1 more and 0 fewer than asked for, then 5 s ready each" */
export function updateInWords({ update = {} }: ServiceSpec): string {
  const order = update.order ?? 'start-first';
  const [surge, unavailable] = order === 'start-first' ? [1, 0] : [0, 1];
  const parts = [
    order === 'start-first' ? 'starts the new ones first' : 'stops the old ones first',
    `at most ${update.maxSurge ?? surge} more and ${update.maxUnavailable ?? unavailable} fewer than asked for`,
  ];
  if (update.canary) parts.push(`${update.canary} first, then it waits for a word`);
  if (update.minReadySeconds) parts.push(`each ready for ${update.minReadySeconds} s`);
  if (update.drainSeconds) parts.push(`each without new requests for ${update.drainSeconds} s before its stop`);
  parts.push(update.onFailure === 'pause' ? 'stays where it is if it fails' : 'rolls back if it fails');
  return parts.join(', ');
}

/** "2 to 8, at 70 % of its CPU and 80 % of its memory" */
export function autoscaleInWords({ min, max, cpuPercent, memoryPercent }: NonNullable<ServiceSpec['autoscale']>): string {
  const aims = [
    cpuPercent === undefined ? null : `${cpuPercent} % of the CPU`,
    memoryPercent === undefined ? null : `${memoryPercent} % of the memory`,
  ].filter((aim) => aim !== null);
  return `${min} to ${max}, aiming at ${aims.join(' and ')}`;
}

export const replicasInWords = (count: number): string => (count === 1 ? '1 replica' : `${count} replicas`);

/** "image: nginx:1 → nginx:2". What its name says is secret is not shown. */
export function changeInWords({ path, from, to }: { path: string; from: string; to: string }): { path: string; from: string; to: string } {
  const [, variable] = /(?:^|\.)env\.(.+)$/.exec(path) ?? [];
  const shown = (value: string) => (value !== '' && variable !== undefined && isSecretName(variable) ? MASK : value);
  return { path: path.replace(/^(?:template\.)?spec\./, ''), from: shown(from), to: shown(to) };
}

export const sentence = (text: string): string => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return whole === '' || /[.!?…]$/.test(whole) ? whole : `${whole}.`;
};
