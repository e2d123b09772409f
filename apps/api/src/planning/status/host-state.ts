/** Whether a host can be given work: its session, its engine, and when it was last heard. */
import { nameOfActor } from '@berth/shared/model/actor';
import type { HostState } from '@berth/shared/model/host';
import type { Waiting } from '@berth/shared/model/waiting';

export interface HostSigns {
  connected: boolean;
  everSeen: boolean;
  engineReady: boolean;
  engineMessage: string;
  /** Seen within the grace period, by the api's own clock. */
  fresh: boolean;
  /** It was not heard for too long, or somebody said that it is gone; and it was not seen since. */
  lost: boolean;
  goneBy: string | null;
}

export interface HostStateNow {
  state: HostState;
  message: string;
}

/** Nothing is heard of its agent. What has never been there is not missed. */
export const isSilent = ({ connected, fresh, everSeen }: HostSigns): boolean => everSeen && !(connected && fresh);

export function hostStateOf(signs: HostSigns): HostStateNow {
  const { connected, everSeen, engineReady, engineMessage, lost, goneBy } = signs;
  if (!everSeen) return { state: 'not-ready', message: 'the agent has not connected yet' };
  if (isSilent(signs) && lost) {
    const message =
      goneBy === null ? 'it counts as lost: nothing was heard of its agent for too long' : `${nameOfActor(goneBy)} said that it is gone`;
    return { state: 'lost', message };
  }
  if (!connected) return { state: 'not-ready', message: 'the agent is not connected' };
  if (isSilent(signs)) return { state: 'not-ready', message: 'the agent does not answer' };
  if (!engineReady) return { state: 'not-ready', message: engineMessage };
  return { state: 'ready', message: 'ready' };
}

export interface WaitingHostFacts extends HostStateNow {
  everSeen: boolean;
  /** When its state began. */
  since: string;
  /** When it counts as lost; null while it is heard. */
  lossDueAt: string | null;
  braked: boolean;
  goneBy: string | null;
}

/** What the host itself waits for (law L6). Null: for nothing. */
export function hostWaitingOf({ state, message, everSeen, since, lossDueAt, braked, goneBy }: WaitingHostFacts): Waiting | null {
  if (state === 'ready') return null;
  if (state === 'lost') {
    const wait = goneBy === null ? 'Runs that wait for it end once somebody says that it is gone. ' : '';
    const next = `${wait}If its agent comes back, it first stops what is no longer its own.`;
    return { reason: 'host-lost', message, since, deadline: null, next };
  }
  if (!everSeen) {
    return { reason: 'waiting-for-agent', message, since, deadline: null, next: 'It takes runs once its agent has connected.' };
  }
  if (lossDueAt === null) {
    return { reason: 'waiting-for-engine', message, since, deadline: null, next: 'It takes runs again once its engine answers.' };
  }
  const brake = braked ? 'Most hosts fell silent together, so Berth looks at them for longer. ' : '';
  const next = `${brake}Unless it is back by then it counts as lost: runs that may be are placed on other hosts, the others wait for it.`;
  return { reason: 'waiting-for-agent', message, since, deadline: lossDueAt, next };
}
