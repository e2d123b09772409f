/** (e) 50 MB from one container to one websocket client, against `docker run` attached to a pipe. Every byte is compared. */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ConsoleClient } from '../console-client.ts';
import { dockerRun } from '../docker-cli.ts';
import { alternate, type Figure, median } from '../figures.ts';
import { cpuSeconds, cpuSecondsOfTree, postmasterOf } from '../process-cost.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const MEGABYTE = 1_000_000;

const LINE_BYTES = 100;

/** Longer than the pause between two rounds of packing, and what the three use of it at most while they have nothing to do. */
const STILL_MS = 6000;
const STILL_SECONDS = 0.5;

/** Numbered lines, so that a byte that moved is a byte that differs; made first, so that making them is not what is measured. */
function script(bytes: number): string {
  const filler = 'x'.repeat(LINE_BYTES - '00000000000 \n'.length);
  const lines = `awk 'BEGIN { for (i = 0; i < ${bytes / LINE_BYTES}; i++) printf "%011d ${filler}\\n", i }'`;
  return `${lines} > /tmp/lines; cat /tmp/lines`;
}

export async function logThroughput(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const bytes = (quick ? 5 : 50) * MEGABYTE;
  const args = ['sh', '-c', script(bytes)];
  const { client } = stage.berth;
  const socket = await ConsoleClient.connect(client.account);
  const digests = new Set<string>();
  const postmaster = await postmasterOf(stage.berth.databaseUrl);

  /** Seconds from the first byte to the last. */
  const measure = () => {
    const hash = createHash('sha256');
    let [length, first, last] = [0, 0, 0];
    return {
      take(data: Uint8Array) {
        last = performance.now();
        if (length === 0) first = last;
        length += data.length;
        hash.update(data);
      },
      rate() {
        if (length !== bytes) throw new Error(`${length} of ${bytes} bytes arrived`);
        digests.add(hash.digest('hex'));
        if (digests.size > 1) throw new Error('the bytes differ');
        return bytes / MEGABYTE / ((last - first) / 1000);
      },
    };
  };

  const spent = () => ({
    api: cpuSeconds(stage.berth.api.pid),
    agent: cpuSeconds(stage.agent.pid),
    postgres: cpuSecondsOfTree(postmaster),
  });
  const costs: ReturnType<typeof spent>[] = [];

  /** A log is packed once its run is over: neither side is measured meanwhile. */
  const settled = async () => {
    for (let used = Number.POSITIVE_INFINITY; used > STILL_SECONDS; ) {
      const before = Object.values(spent());
      await setTimeout(STILL_MS);
      used = Object.values(spent()).reduce((sum, seconds, index) => sum + seconds - (before[index] ?? 0), 0);
    }
  };

  const ours = async () => {
    await settled();
    const received = measure();
    const before = spent();
    const { metadata } = await client.createRun({ image: stage.shellImage, args, pullPolicy: 'if-not-present' });
    await socket.followLog(metadata.id, (chunk) => {
      if (chunk.dropped > 0) throw new Error(`${chunk.dropped} bytes were dropped: ${chunk.droppedReason}`);
      received.take(chunk.data);
    });
    const rate = received.rate();
    const after = spent();
    const msPerMB = (part: keyof typeof before) => ((after[part] - before[part]) * 1000) / (bytes / MEGABYTE);
    const cost = { api: msPerMB('api'), agent: msPerMB('agent'), postgres: msPerMB('postgres') };
    costs.push(cost);
    progress(
      `Berth ${rate.toFixed(1)} MB/s; ms of a core per MB: ${Object.entries(cost)
        .map(([part, ms]) => `${part} ${ms.toFixed(1)}`)
        .join(', ')}`,
    );
    return rate;
  };
  const theirs = async () => {
    await settled();
    const received = measure();
    await dockerRun(stage.engine.host, [stage.shellImage, ...args], (data) => received.take(data));
    const rate = received.rate();
    progress(`docker run ${rate.toFixed(1)} MB/s`);
    return rate;
  };
  try {
    // A server that serves is warm: its first few hundred MB cost it twice as much as all that follow.
    const pairs = await alternate(quick ? 1 : 5, ours, theirs, quick ? 0 : 3);
    const [berth, docker] = [pairs.map((pair) => pair.ours), pairs.map((pair) => pair.theirs)];
    return [
      {
        scenario: 'e',
        name: `log of ${bytes / MEGABYTE} MB to a websocket, median, every byte equal`,
        value: median(berth),
        unit: 'MB/s',
        baseline: { name: 'docker run on a pipe', value: median(docker) },
        bound: { of: 'ratio', kind: 'at-least', limit: 0.8 },
        details: {
          samples: pairs.length,
          sha256: [...digests][0] ?? '',
          min: Math.min(...berth),
          max: Math.max(...berth),
          'api, ms of a core per MB': median(costs.map(({ api }) => api)),
          'agent, ms of a core per MB': median(costs.map(({ agent }) => agent)),
          'Postgres, ms of a core per MB': median(costs.map(({ postgres }) => postgres)),
        },
      },
    ];
  } finally {
    socket.close();
  }
}
