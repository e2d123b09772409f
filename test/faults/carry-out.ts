/** Carries faults out, a handler a fault: a missing one does not compile. Each resolves, once it is so, to what puts it right again. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from '../../scripts/parts/until.ts';
import type { Replica } from '../support/replica.ts';
import type { Fault, FaultName } from './fault.ts';
import type { FleetHost } from './fleet-host.ts';
import type { FleetStage } from './stage.ts';

type Undo = () => Promise<void>;
type Handlers = { [Name in FaultName]: (stage: FleetStage, fault: Fault & { fault: Name }) => Promise<Undo> };

/** On a machine that does much else. */
const REVIVAL_MS = 150_000;

const nothing: Undo = async () => undefined;

const HANDLERS: Handlers = {
  async 'agent-killed'(stage, fault) {
    const host = hostOf(stage, fault.host);
    stage.downByPlan.add(host);
    await host.agent.kill();
    return async () => {
      await host.agent.start();
      stage.downByPlan.delete(host);
    };
  },
  async 'agent-frozen'(stage, fault) {
    const { agent } = hostOf(stage, fault.host);
    await agent.freeze();
    return async () => agent.thaw();
  },
  async 'engine-killed'(stage, fault) {
    const engine = engineOf(stage, fault.host);
    await engine.kill();
    return () => engine.start();
  },
  async 'engine-frozen'(stage, fault) {
    const engine = engineOf(stage, fault.host);
    engine.freeze();
    return async () => engine.thaw();
  },
  async 'api-killed'(stage, fault) {
    const replica = replicaOf(stage, fault.replica);
    stage.downByPlan.add(replica);
    await replica.process.kill();
    return async () => {
      await revive(replica);
      stage.downByPlan.delete(replica);
    };
  },
  async 'api-frozen'(stage, fault) {
    const { process } = replicaOf(stage, fault.replica);
    process.freeze();
    return async () => process.thaw();
  },
  async 'redis-emptied'({ redisUrl }) {
    const redis = new Redis(redisUrl);
    try {
      await redis.flushall();
    } finally {
      redis.disconnect();
    }
    return nothing;
  },
  async 'redis-restarted'({ redis }) {
    await redis.stop();
    return () => redis.start();
  },
  async 'postgres-restarted'({ postgres }, { how }) {
    await postgres.stop(how);
    return () => postgres.start();
  },
  async 'host-cut-off'(stage, fault) {
    const { space } = hostOf(stage, fault.host);
    await space.partition();
    return () => space.heal();
  },
  async 'host-lost'(stage, fault) {
    const { agent, space } = hostOf(stage, fault.host);
    if (fault.how === 'cut off') {
      await space.partition();
      return () => space.heal();
    }
    await agent.freeze();
    return async () => agent.thaw();
  },
  async 'link-reset'(stage, fault) {
    const { toApi } = hostOf(stage, fault.host).space;
    toApi.cut();
    return async () => toApi.mend();
  },
  async 'link-slow'(stage, fault) {
    const { toApi } = hostOf(stage, fault.host).space;
    toApi.slow(fault.delayMs);
    return async () => toApi.slow(0);
  },
  async 'packets-lost'(stage, fault) {
    const { space } = hostOf(stage, fault.host);
    await space.lose(fault.perMille);
    return () => space.heal();
  },
  async 'clock-jumped'(stage, fault) {
    hostOf(stage, fault.host).moveClock(fault.byMs);
    return nothing;
  },
  async 'disk-full'(stage, fault) {
    const { agentHome, diskFills } = hostOf(stage, fault.host);
    if (fault.where === 'engine') diskFills.push(Date.now());
    const folder = fault.where === 'engine' ? engineOf(stage, fault.host).dataFolder : agentHome;
    if (folder === null) throw new Error('only real hosts have a disk');
    const file = join(folder, 'filler');
    fill(file);
    return async () => rmSync(file);
  },
};

/** As a supervisor does: one that ends because Postgres or Redis is away is started again. */
export async function revive({ url, process }: Replica): Promise<void> {
  await until(
    async () => {
      if (!process.isRunning) await process.start();
      return (await fetch(`${url}/readyz`)).ok;
    },
    { what: 'the replica to be back', timeoutMs: REVIVAL_MS, describe: () => process.log(40) },
  );
}

const PIECE = Buffer.alloc(2 ** 20, 1);

/** To the last byte. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (let size = PIECE.length; size >= 1; ) {
      try {
        if (writeSync(descriptor, PIECE, 0, size) < size) size = Math.floor(size / 2);
      } catch {
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function hostOf({ hosts }: FleetStage, number: number): FleetHost {
  const host = hosts[number];
  if (!host) throw new Error(`there is no host ${number}`);
  return host;
}

function engineOf(stage: FleetStage, number: number) {
  const { engine, name } = hostOf(stage, number);
  if (!engine) throw new Error(`${name} has no engine of its own`);
  return engine;
}

function replicaOf({ replicas }: FleetStage, number: number) {
  const replica = replicas[number];
  if (!replica) throw new Error(`there is no replica ${number}`);
  return replica;
}

export function carryOut<Name extends FaultName>(stage: FleetStage, fault: Fault & { fault: Name }): Promise<Undo> {
  const handler: (stage: FleetStage, fault: Fault & { fault: Name }) => Promise<Undo> = HANDLERS[fault.fault];
  return handler(stage, fault);
}
