/** A stage on which parts are killed at exact moments: an agent behind a link to the api and a proxy to its engine, and a slow registry. */
import { expect } from 'vitest';
import type { Agent } from '../support/berth.ts';
import type { Run } from '../support/client.ts';
import { pushBusybox } from '../support/images.ts';
import { Link } from '../support/link.ts';
import { type SlowRegistry, startSlowRegistry } from '../support/slow-registry.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { EngineProxy } from './engine-proxy.ts';
import { counting, ended, expectAllCounted, expectStartedOnce, type FaultStage, openFaultStage, reached, sh } from './fault-stage.ts';

export interface RecoveryStage extends FaultStage {
  readonly proxy: EngineProxy;
  readonly link: Link;
  readonly slow: SlowRegistry;
  readonly agent: Agent;
  /** A run of `counting(lines)` in the middle of its pull, until `slow.open()`. */
  pulling(tag: string, lines: number): Promise<Run>;
  /** The run came to its good end in one start of one container, and every byte of `counting(lines)` is there once. */
  expectWhole(run: Run, lines: number): Promise<void>;
}

/** The requests that bring a container up, in their order; `before` the engine has it, and `after` it has done it. */
export const MOMENTS = [
  ['before', 'create'],
  ['after', 'create'],
  ['before', 'attach'],
  ['before', 'start'],
  ['after', 'start'],
] as const;

/** With one agent, whose engine has busybox already. */
export async function openRecoveryStage(): Promise<RecoveryStage> {
  const stage = await openFaultStage();
  const { client, berth, engine, mirror } = stage;
  const [proxy, link, slow] = await Promise.all([
    EngineProxy.to(engine.socket, await temporaryFolder('engine-proxy')),
    Link.to(berth.url),
    startSlowRegistry(mirror),
  ]);
  const agent = await berth.startAgent({ engine: proxy, url: link.url });
  await ended(client, await client.createRun(sh('true')));
  return {
    ...stage,
    proxy,
    link,
    slow,
    agent,
    async pulling(tag, lines) {
      await pushBusybox(mirror, 'team/slow', tag, { layers: [1_000_000] });
      slow.close();
      const run = await client.createRun({ ...counting(lines), image: `${slow.server}/team/slow:${tag}` });
      return reached(client, run, 'in the middle of a layer', ({ phase }) => phase === 'pulling' && slow.held() > 0);
    },
    async expectWhole(run, lines) {
      const over = await ended(client, run);
      expect(over.status).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0 });
      await expectAllCounted(client, over, lines);
      await expectStartedOnce(engine, over);
    },
    async close() {
      slow.open();
      await stage.close();
      await Promise.all([proxy.close(), link.close(), slow.stop()]);
    },
  };
}
