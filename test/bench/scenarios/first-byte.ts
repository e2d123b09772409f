/** (b) From the create to the first byte of the log on a console's websocket, against the first byte on the pipe of `docker run`. */
import { ConsoleClient } from '../console-client.ts';
import { dockerRun } from '../docker-cli.ts';
import { alternate, type Figure, median, spread } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

export async function firstByte(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { client } = stage.berth;
  // A console is open before somebody presses "Run".
  const socket = await ConsoleClient.connect(client.account);
  const ours = async () => {
    const start = performance.now();
    let first: number | null = null;
    const { metadata } = await client.createRun({ image: stage.helloImage, pullPolicy: 'if-not-present' });
    await socket.followLog(metadata.id, () => {
      first ??= performance.now() - start;
    });
    await client.waitRun(metadata.id);
    if (first === null) throw new Error('the log was complete without a byte');
    return first;
  };
  const theirs = async () => {
    const { firstByteMs } = await dockerRun(stage.engine.host, [stage.helloImage]);
    if (firstByteMs === null) throw new Error('docker run wrote nothing');
    return firstByteMs;
  };
  try {
    const pairs = await alternate(quick ? 5 : 30, ours, theirs, 2);
    progress(`${pairs.length} pairs`);
    const [berth, docker] = [pairs.map((pair) => pair.ours), pairs.map((pair) => pair.theirs)];
    const baseline = { name: 'docker run --rm', value: median(docker) };
    return [
      {
        scenario: 'b',
        name: 'create to first log byte, median',
        value: median(berth),
        unit: 'ms',
        baseline,
        bound: null,
        details: spread(berth),
      },
    ];
  } finally {
    socket.close();
  }
}
