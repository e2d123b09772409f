/**
 * What happens next in an update of agents: what is over, who is next, whether it pauses. Pure (law L2).
 *
 * Invariants, held by property tests:
 * - A stage begins only when every host of the stages before it is at an end.
 * - Nothing begins while it is paused or cancelled, nor once so many have failed.
 * - What is at an end stays as it is; carried out, an update comes to its end.
 */
import type { BundleUpdate } from '@berth/shared/model/agent-bundle';
import { type AgentUpdate, type HostUpdateState, isUnderWay } from '@berth/shared/model/agent-update';

type State = AgentUpdate['status']['state'];

/** How long its agent may take to be there to be asked, and then to run the new version. */
export const ASK_SECONDS = 300;
export const UPDATE_SECONDS = 600;

export interface UpdatedHost {
  hostId: string;
  hostName: string;
  stage: number;
  state: HostUpdateState;
  message: string;
  /** In milliseconds since 1970. */
  deadline: number | null;
  removed: boolean;
  ready: boolean;
  /** Why it is not ready. */
  hostMessage: string;
  /** Of the file that its agent runs from, as it last said. */
  sha256: string | null;
  /** What its agent says of this update. */
  said: Pick<BundleUpdate, 'state' | 'message'> | null;
}

export interface AgentUpdateInput {
  state: State;
  version: string;
  sha256: string;
  pauseAtFailures: number;
  hosts: readonly UpdatedHost[];
  now: number;
}

export interface HostStep {
  hostId: string;
  state: HostUpdateState;
  message: string;
  deadline: number | null;
}

export interface AgentUpdatePlan {
  steps: HostStep[];
  state: State;
  message: string;
  finished: boolean;
}

export function planAgentUpdate(input: AgentUpdateInput): AgentUpdatePlan {
  const settled = input.hosts.map((host) => ({ ...host, ...outcomeOf(host, input) }));
  const failures = settled.filter(({ state }) => state === 'failed').length;
  const left = settled.filter(({ state }) => isUnderWay(state));
  const pauses = input.state === 'running' && failures >= input.pauseAtFailures && left.some(({ state }) => state !== 'updating');
  const state: State = pauses ? 'paused' : input.state;
  const stage = Math.min(...left.map((host) => host.stage));
  const planned = settled.map((host) => ({ ...host, ...nextOf(host, state, stage, input.now) }));
  const finished = planned.every((host) => !isUnderWay(host.state));
  const ended: State = finished && state !== 'cancelled' ? 'done' : state;
  const before = new Map(input.hosts.map((host) => [host.hostId, host]));
  return {
    steps: planned
      .filter((host) => {
        const was = before.get(host.hostId);
        return was?.state !== host.state || was.message !== host.message;
      })
      .map(({ hostId, state: next, message, deadline }) => ({ hostId, state: next, message, deadline })),
    state: ended,
    message: inWords(ended, planned, input.version),
    finished,
  };
}

type Change = Partial<Pick<UpdatedHost, 'state' | 'message' | 'deadline'>>;

/** What has become of it. */
function outcomeOf(host: UpdatedHost, { version, sha256, now }: AgentUpdateInput): Change {
  if (!isUnderWay(host.state)) return {};
  const end = (state: HostUpdateState, message: string): Change => ({ state, message, deadline: null });
  if (host.removed) return end('skipped', 'it was removed from the workspace');
  if (host.said?.state === 'failed') return end('failed', host.said.message);
  const hasIt = host.sha256 === sha256 && host.said?.state !== 'trying';
  if (hasIt && host.ready && host.state === 'updating') return end('done', `runs version ${version}`);
  if (hasIt && host.state !== 'updating') return end('done', `it runs version ${version} already`);
  if (host.deadline !== null && host.deadline <= now) return end('failed', lateness(host, hasIt, version));
  if (host.state !== 'updating') return {};
  return { message: hasIt ? `runs version ${version}, and is not ready yet: ${host.hostMessage}` : progress(host, version) };
}

const progress = ({ said }: UpdatedHost, version: string): string =>
  said?.state === 'trying' ? `version ${version} is being tried` : `its agent fetches version ${version}`;

function lateness({ state, ready, hostMessage }: UpdatedHost, hasIt: boolean, version: string): string {
  if (state === 'asking') return `its agent could not be asked for ${ASK_SECONDS} s: ${ready ? 'it gave no answer' : hostMessage}`;
  if (hasIt) return `runs version ${version}, and was not ready in time: ${hostMessage}`;
  return `nothing came of it for ${UPDATE_SECONDS} s; last seen: ${ready ? 'ready, with the version before' : hostMessage}`;
}

/** Its turn comes, or is taken from it. */
function nextOf({ state, stage }: UpdatedHost, update: State, current: number, now: number): Change {
  if (update === 'running' && state === 'waiting' && stage === current) {
    return { state: 'asking', message: 'its agent is asked', deadline: now + ASK_SECONDS * 1000 };
  }
  if (update === 'paused' && state === 'asking') return { state: 'waiting', message: 'waits for its turn', deadline: null };
  if (update === 'cancelled' && (state === 'asking' || state === 'waiting')) {
    return { state: 'cancelled', message: 'cancelled before its turn', deadline: null };
  }
  return {};
}

/** What it does or waits for, and what is next (law L6). */
function inWords(state: State, hosts: readonly UpdatedHost[], version: string): string {
  const of = (...states: HostUpdateState[]) => hosts.filter((host) => states.includes(host.state));
  const [waiting, failed, active] = [of('waiting'), of('failed'), of('asking', 'updating')];
  const tally = [
    `${counted(of('done').length)} ${of('done').length === 1 ? 'runs' : 'run'} version ${version}`,
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(of('skipped').length > 0 ? [`${of('skipped').length} skipped`] : []),
  ].join(', ');
  switch (state) {
    case 'done':
      return tally;
    case 'cancelled':
      return active.length > 0 ? `cancelled; ${names(active)} had begun and goes on to the end` : `cancelled; ${tally}`;
    case 'paused': {
      const why = failed.length > 0 ? `${names(failed)} failed: ${failed.at(-1)?.message}` : 'somebody asked for it';
      return `paused, because ${why}. ${counted(waiting.length)} ${waiting.length === 1 ? 'waits' : 'wait'} until it is let go on, or cancelled`;
    }
    case 'running': {
      const stages = Math.max(...hosts.map(({ stage }) => stage));
      const stage = Math.min(...active.map((host) => host.stage));
      const then = waiting.length > 0 ? `; then stage ${stage + 1}, once they are back and ready` : '';
      return `stage ${stage} of ${stages}: ${names(active)} ${active.length === 1 ? 'is' : 'are'} updated to version ${version}${then}`;
    }
  }
}

const counted = (number: number): string => (number === 1 ? '1 host' : `${number} hosts`);

function names(hosts: readonly UpdatedHost[]): string {
  if (hosts.length > 3) return counted(hosts.length);
  return hosts
    .map(({ hostName }) => hostName)
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1');
}
