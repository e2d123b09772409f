import type { ApiToAgent } from '@berth/shared/protocol/agent';
import { expect, test } from 'vitest';
import type { AssignedAttempt, DroppedAttempt, HostAssignments } from '../persistence/dispatch-repository.ts';
import { AgentSession } from './agent-session.ts';

const attempt = (attemptId: string): AssignedAttempt => ({
  attemptId,
  runId: 'run_1',
  runName: 'one',
  workspaceId: 'ws_1',
  spec: { image: 'busybox' },
  ports: [],
  desired: 'run',
  phase: 'assigned',
  restarts: 0,
  restartRequests: 0,
  aliases: [],
});
const set = (generation: number, put: string[] = [], drop: DroppedAttempt[] = []): HostAssignments => ({
  generation,
  sessionId: 'ses_1',
  hasRegistries: false,
  put: put.map(attempt),
  drop,
});

/** A session whose agent has been told of generation 1; what Postgres would say next is `stored`. */
async function open(stored: HostAssignments) {
  const sent: string[] = [];
  let asked = 0;
  let told: () => void = () => undefined;
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  const answer = (found: HostAssignments) => {
    asked++;
    return Promise.resolve(found);
  };
  const session = new AgentSession(
    { hostId: 'host_1', workspaceId: 'ws_1', sessionId: 'ses_1', protocol: 1 },
    {
      assignments: { full: () => answer(set(1)), changedSince: () => answer(stored) },
      registries: { credentialsFor: () => Promise.resolve(undefined) },
      secrets: { resolve: () => Promise.resolve([]) },
      send: (message: ApiToAgent) => {
        if (message.type !== 'assign') throw new Error(`not expected here: ${message.type}`);
        const from = message.mode === 'delta' ? message.base : 'all';
        const drop = message.mode === 'delta' ? message.drop.map(({ attemptId }) => `-${attemptId}`) : [];
        sent.push([`${from}→${message.generation}`, ...message.put.map(({ attemptId }) => `+${attemptId}`), ...drop].join(' '));
        told();
      },
      ask: () => Promise.reject(new Error('nothing is asked here')),
      end: () => undefined,
      fenceAfter: () => null,
    },
  );
  const first = new Promise<void>((resolve) => {
    told = resolve;
  });
  session.wake();
  await first;
  await settled();
  sent.length = 0;
  asked = 0;
  return { session, sent, settled, asked: () => asked };
}

test('what was just assigned is told without asking for it, where all before it was told', async () => {
  const { session, sent, settled, asked } = await open(set(2, ['a']));
  expect(session.take(set(2, ['a']), Date.now())).toBe(true);
  await settled();
  expect([sent, asked()]).toEqual([['1→2 +a'], 0]);
  // Somebody calls all the same: there is nothing new.
  session.wake();
  await settled();
  expect([sent.length, asked()]).toEqual([1, 1]);
});

test('it is left to a look where it does not follow, or is for another session', async () => {
  const { session, sent, settled } = await open(set(3, ['a', 'b']));
  expect(session.take(set(3, ['b']), Date.now())).toBe(false);
  expect(session.take({ ...set(2, ['a']), sessionId: 'ses_2' }, Date.now())).toBe(false);
  session.wake();
  expect(session.take(set(2, ['a']), Date.now())).toBe(false);
  await settled();
  expect(sent).toEqual(['1→3 +a +b']);
  session.close();
  expect(session.take(set(4, ['c']), Date.now())).toBe(false);
});

test('an end that its agent has reported is told to be forgotten with what comes next, once', async () => {
  const { session, sent, settled } = await open(set(2));
  session.forget('old');
  expect(session.take(set(2, ['a']), Date.now())).toBe(true);
  await settled();
  expect(session.take(set(3, ['b']), Date.now())).toBe(true);
  await settled();
  expect(sent).toEqual(['1→2 +a -old', '2→3 +b']);
});

test('or by itself after a while; and not with an assignment of it that was read before it ended', async () => {
  const { session, sent, settled } = await open(set(2));
  session.tidy();
  await settled();
  session.forget('a');
  expect(session.take(set(2, ['a']), Date.now())).toBe(true);
  await settled();
  expect(sent).toEqual(['1→2 +a']);
  session.tidy();
  await settled();
  expect(sent).toEqual(['1→2 +a', '2→2 -a']);
});

test('one that is to be removed with its container is told so, and not twice', async () => {
  const { session, sent, settled } = await open(set(2, [], [{ attemptId: 'a', removeContainer: true }]));
  session.forget('a');
  session.wake();
  await settled();
  session.tidy();
  await settled();
  expect(sent).toEqual(['1→2 -a']);
});
