/** Events in words, and what sort of thing each is. Pure. One entry an event type: a missing one does not compile. */
import type { BerthEvent, BerthEventType } from '@berth/shared/events/event';
import { nameOfActor } from '@berth/shared/model/actor';
import { labelText } from '../../lib/label-text.ts';
import { type Look, lookOfRun } from '../../ui/state.ts';

/** What a reader of the timeline filters by. */
export const EVENT_KINDS = ['phase', 'waiting', 'action', 'host'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
export const EVENT_KIND_WORDS: Record<EventKind, string> = {
  phase: 'Phases',
  waiting: 'Waiting',
  action: 'What people did',
  host: 'Host and engine',
};

export interface EventWords {
  kind: EventKind;
  look: Look | null;
  text: string;
}

type DataOf = { [T in BerthEventType]: Extract<BerthEvent, { type: T }>['data'] };
type EventOf<T extends BerthEventType> = { [K in T]: { type: K; data: DataOf[K] } }[T];

const WORDS: { [T in BerthEventType]: (data: DataOf[T]) => EventWords } = {
  'run.created': (data) => action(`${nameOfActor(data.actor)} asked for it: ${data.image}`),
  'run.phase': (data) => ({
    kind: 'phase',
    look: data.phase === 'exited' ? lookOfRun('exited', data.exitCode) : lookOfRun(data.phase, null, data.reason),
    text: data.message,
  }),
  'run.restarting': (data) => ({
    kind: 'phase',
    look: lookOfRun('exited', data.exitCode),
    text: `Exit ${data.number}: ${data.message}; started again`,
  }),
  'run.replacing': (data) => ({
    kind: 'phase',
    look: lookOfRun('lost', null),
    text: `Attempt ${data.number} is over: ${data.message}; placed again`,
  }),
  'run.health': (data) => ({ kind: 'phase', look: null, text: healthInWords(data) }),
  'run.waiting': (data) => ({ kind: 'waiting', look: null, text: `Waiting: ${data.message}` }),
  'run.requested': (data) => action(`${nameOfActor(data.actor)} asked to ${data.action} it`),
  'run.updated': (data) => action(`${nameOfActor(data.actor)} ${changeInWords(data)}`),
  'run.exec': (data) => action(`${nameOfActor(data.actor)} ran in its container: ${data.command}`),
  'run.input': (data) => action(`${nameOfActor(data.actor)} ${inputInWords(data)}`),
  'run.upload': (data) => action(`${nameOfActor(data.actor)} put into its container: ${data.path}`),
  'run.deleted': (data) => action(`${nameOfActor(data.actor)} removed it`),
  'agent-update.changed': (data) => ({ kind: 'host', look: null, text: data.message }),
  'service.changed': (data) => kept(data),
  'schedule.changed': (data) => kept(data),
  'array.changed': (data) => kept(data),
  'secret.changed': (data) => kept(data),
  'volume.changed': (data) => kept(data),
  'host.changed': (data) => ({ kind: 'host', look: null, text: data.message }),
};

/** Somebody changed it, or Berth did. */
const kept = ({ actor, message }: DataOf['service.changed']): EventWords => ({
  kind: actor ? 'action' : 'phase',
  look: null,
  text: message,
});

export function describeEvent<T extends BerthEventType>(event: EventOf<T>): EventWords {
  return WORDS[event.type](event.data);
}

function healthInWords({ status, failingStreak, output }: DataOf['run.health']): string {
  if (status !== 'unhealthy') return status === 'healthy' ? 'Its health check passes' : 'Its health check has begun';
  const said = output.trim();
  return `Unhealthy: its check failed ${failingStreak} times in a row${said === '' ? '' : `: ${said}`}`;
}

function inputInWords({ bytes, end }: DataOf['run.input']): string {
  if (bytes === null) return 'typed into its terminal';
  const wrote = `wrote ${bytes} ${bytes === 1 ? 'byte' : 'bytes'} to its standard input`;
  if (!end) return wrote;
  return bytes === 0 ? 'ended its standard input' : `${wrote} and ended it`;
}

const action = (text: string): EventWords => ({ kind: 'action', look: null, text });

function changeInWords({ name, labels }: DataOf['run.updated']): string {
  const parts = [];
  if (name) parts.push(`renamed it from ${name.from} to ${name.to}`);
  if (labels) {
    const all = Object.entries(labels).map(([key, value]) => labelText(key, value));
    parts.push(all.length === 0 ? 'took all labels off' : `set its labels to ${all.join(', ')}`);
  }
  return parts.join(' and ');
}
