/**
 * The contract of an agent: what a user sees through the api, whatever the agent is made of (law L12).
 * The simulated agent and the real one on a real engine are held to this one suite.
 */
import type { Run } from '@berth/shared/model/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../scripts/parts/until.ts';
import { type BerthClient, problemFrom } from '../support/client.ts';
import { Link } from '../support/link.ts';
import { expectedOutput, fill, type Program, program, programSpec, sleep, write } from './contract-program.ts';

export interface AgentUnderTest {
  hostId(): Promise<string>;
  /** Starts it, again after a crash: the same host, the same engine. */
  start(): Promise<void>;
  /** As kill -9 does. Containers go on. */
  crash(): Promise<void>;
  /** How often a container of this attempt was started, ever. */
  starts(attemptId: string): Promise<number>;
  close(): Promise<void>;
}

export interface ContractStage {
  client: BerthClient;
  /** An image that its registry holds, with a shell. */
  image: string;
  /** One that its registry says it does not have. */
  missingImage: string;
  /** An agent that dials `url`, not yet started. */
  agent(url: string, joinToken: string, name: string): Promise<AgentUnderTest>;
  /** Of the agent that its api serves, which is another one than that under test. */
  offeredVersion: string;
  close(): Promise<void>;
}

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

export function describeAgentContract(name: string, open: () => Promise<ContractStage>): void {
  describe(name, () => {
    let stage: ContractStage;
    let client: BerthClient;
    let link: Link;
    let agent: AgentUnderTest;

    beforeAll(async () => {
      stage = await open();
      client = stage.client;
      link = await Link.to(client.account.url);
      const { token } = await client.createJoinToken();
      agent = await stage.agent(link.url, token, 'under-contract');
      await agent.start();
      await hostState('ready');
    });

    afterAll(async () => {
      await agent?.close();
      await link?.close();
      await stage?.close();
    });

    const hostState = async (state: 'ready' | 'not-ready') => {
      const hostId = await agent.hostId();
      let last: unknown;
      const look = async () => {
        const { status } = await client.getHost(hostId);
        last = status;
        return status.state === state;
      };
      await until(look, { what: `the host to be ${state}`, describe: () => last });
    };

    const run = (what: Program, rest: Parameters<typeof programSpec>[2] = {}) =>
      client.createRun(programSpec(stage.image, what, { pullPolicy: 'if-not-present', ...rest }));

    /** Its only attempt, started once: the proof of law L5. */
    const startedOnce = async ({ status }: Run) => {
      expect(status.attempts).toHaveLength(1);
      expect(await agent.starts(status.attempts[0]?.id ?? '')).toBe(1);
    };

    it('an enrolled agent makes its host ready, with its facts', async () => {
      const { status } = await client.getHost(await agent.hostId());
      expect(status.state).toBe('ready');
      expect(status.facts?.platform).toMatch(/^linux\//);
      expect(status.capacity.cpuMillis).toBeGreaterThan(0);
      expect(status.capacity.memoryBytes).toBeGreaterThan(0);
    });

    it('a run goes through its phases in order and exits with 0', async () => {
      const { status } = await client.waitRun((await run(program([write('hello\n'), sleep(0.5)]))).metadata.id);
      expect(status).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0, signal: null, hostId: await agent.hostId() });
      const attempt = status.attempts[0];
      expect(attempt?.containerId).toMatch(/^[0-9a-f]{64}$/);
      expect(attempt?.startedAt).not.toBeNull();
      const times = ['assigned', 'running', 'exited'].map((phase) => attempt?.phaseTimes[phase as 'running']);
      expect(times).not.toContain(undefined);
      expect([...times].sort()).toEqual(times);
    });

    it('an image is pulled with its digest and the status sentence', async () => {
      const { status } = await client.waitRun((await run(program([]), { pullPolicy: 'always' })).metadata.id);
      expect(status).toMatchObject({ phase: 'exited', exitCode: 0 });
      expect(status.image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(status.attempts[0]?.pull).toMatchObject({ state: 'done', digest: status.image.digest });
      expect(status.attempts[0]?.pull?.status).toMatch(/^(Downloaded newer image|Image is up to date) for /);
    });

    it('an exit code other than 0 is kept', async () => {
      const { status } = await client.waitRun((await run(program([], { exitCode: 3 }))).metadata.id);
      expect(status).toMatchObject({ phase: 'exited', reason: 'non-zero-exit', exitCode: 3, signal: null });
    });

    it('every byte of both streams arrives, once and in order', async () => {
      const what = program([
        write(EVERY_BYTE),
        fill('a line on the way out', 1_500_000),
        write('no line feed at the end'),
        write('warning\n', 'stderr'),
        fill('another', 70_000, 'stderr'),
        write(EVERY_BYTE, 'stderr'),
      ]);
      const { metadata, status } = await client.waitRun((await run(what)).metadata.id);
      expect(status.phase).toBe('exited');
      for (const stream of ['stdout', 'stderr'] as const) {
        const bytes = await client.logBytes(metadata.id, stream);
        expect(bytes.equals(expectedOutput(what, stream)), `${stream} is equal, ${bytes.length} bytes of it`).toBe(true);
      }
      expect(status.logBytes).toBe(expectedOutput(what, 'stdout').length + expectedOutput(what, 'stderr').length);
    });

    it('a stop sends the stop signal, and the run is stopped', async () => {
      const { metadata } = await run(program([write('up\n'), sleep(120)]));
      await client.waitRun(metadata.id, 'running');
      await until(async () => (await client.logs(metadata.id)) === 'up\n', { what: 'its output to be stored' });
      await client.stopRun(metadata.id);
      const { status } = await client.waitRun(metadata.id);
      expect(status).toMatchObject({ phase: 'exited', reason: 'stopped', exitCode: 143, signal: 'SIGTERM' });
    });

    it('a container that ignores its stop signal is killed after the grace period', async () => {
      const { metadata } = await run(program([sleep(120)], { onStop: 'ignores' }), { stopGracePeriodSeconds: 1 });
      await client.waitRun(metadata.id, 'running');
      await client.stopRun(metadata.id);
      const { status } = await client.waitRun(metadata.id);
      expect(status).toMatchObject({ phase: 'exited', reason: 'stopped', exitCode: 137, signal: 'SIGKILL' });
    });

    it('a kill does not wait', async () => {
      const { metadata } = await run(program([sleep(120)], { onStop: 'ignores' }), { stopGracePeriodSeconds: 60 });
      await client.waitRun(metadata.id, 'running');
      await client.killRun(metadata.id);
      const { status } = await client.waitRun(metadata.id, 'exited', 20);
      expect(status).toMatchObject({ phase: 'exited', reason: 'killed', exitCode: 137, signal: 'SIGKILL' });
    });

    it('a run over its time limit fails with timed-out', async () => {
      const { metadata } = await run(program([sleep(120)]), { timeoutSeconds: 1 });
      const { status } = await client.waitRun(metadata.id);
      expect(status).toMatchObject({ phase: 'failed', reason: 'timed-out' });
    });

    it('an image that the registry does not have fails the run, and nothing is started', async () => {
      const { metadata } = await client.createRun(programSpec(stage.missingImage, program([])));
      const { status } = await client.waitRun(metadata.id);
      expect(status).toMatchObject({ phase: 'failed', reason: 'image-not-found', exitCode: null });
      expect(status.attempts[0]?.pull).toMatchObject({ state: 'failed' });
      expect(await agent.starts(status.attempts[0]?.id ?? '')).toBe(0);
    });

    it('a link that breaks in the middle of the output loses nothing', async () => {
      const what = program([fill('before', 100_000), sleep(1), fill('while it is broken', 300_000), sleep(1), write('the end\n')]);
      const { metadata } = await run(what);
      await client.waitRun(metadata.id, 'running');
      link.cut();
      await hostState('not-ready');
      link.mend();
      const done = await client.waitRun(metadata.id);
      expect(done.status).toMatchObject({ phase: 'exited', exitCode: 0 });
      expect((await client.logBytes(metadata.id)).equals(expectedOutput(what, 'stdout'))).toBe(true);
      await startedOnce(done);
    });

    it('an agent killed while its container runs adopts it at its next start, and no byte is lost', async () => {
      const what = program([fill('before', 100_000), sleep(1), fill('without an agent', 200_000), sleep(1), write('the end\n')]);
      const { metadata } = await run(what);
      await client.waitRun(metadata.id, 'running');
      await agent.crash();
      await hostState('not-ready');
      await agent.start();
      const done = await client.waitRun(metadata.id);
      expect(done.status).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0 });
      expect((await client.logBytes(metadata.id)).equals(expectedOutput(what, 'stdout'))).toBe(true);
      await startedOnce(done);
    });

    it('an agent that is updated is another version afterwards, its host the same, and its containers go on', async () => {
      const what = program([fill('before', 100_000), sleep(2), fill('in the middle of it', 200_000), sleep(2), write('the end\n')]);
      const { metadata } = await run(what);
      await client.waitRun(metadata.id, 'running');
      const hostId = await agent.hostId();
      await client.updateHostAgent(hostId);
      const look = async () => (await client.getHost(hostId)).status;
      const updated = async () => {
        const { state, agent: now } = await look();
        return now.update?.state === 'done' && now.version === stage.offeredVersion && now.skew === 'none' && state === 'ready';
      };
      await until(updated, { what: 'the agent to be another version', describe: look, timeoutMs: 60_000 });
      const done = await client.waitRun(metadata.id);
      expect(done.status).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0 });
      expect((await client.logBytes(metadata.id)).equals(expectedOutput(what, 'stdout'))).toBe(true);
      await startedOnce(done);
      expect((await problemFrom(client.updateHostAgent(hostId))).detail).toContain(`runs version ${stage.offeredVersion} already`);
    });

    it('a run that is cancelled before its agent is there starts nothing', async () => {
      await agent.crash();
      const { metadata } = await run(program([write('never\n')]));
      await client.stopRun(metadata.id);
      await agent.start();
      const { status } = await client.waitRun(metadata.id);
      expect(status).toMatchObject({ phase: 'cancelled', reason: 'cancelled', exitCode: null, logBytes: 0 });
      for (const attempt of status.attempts) expect(await agent.starts(attempt.id)).toBe(0);
      await hostState('ready');
    });
  });
}
