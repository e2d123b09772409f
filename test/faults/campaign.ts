/** One campaign: a plan is carried out on a fleet, and judged. Nothing of it is left there afterwards. */
import { FaultDriver, type Recovery } from './fault-driver.ts';
import { type AcceptedRun, carryLoad } from './load.ts';
import type { FaultPlan } from './plan.ts';
import { FleetServices } from './services.ts';
import type { FleetStage } from './stage.ts';
import { surely } from './steadily.ts';
import { Timeline } from './timeline.ts';
import { judgeFleet } from './verdict.ts';
import { Watch } from './watch.ts';

export interface CampaignOptions {
  plan: FaultPlan;
  /** No more runs are asked for after so long. */
  minutes: number;
  /** So many are kept beside the runs. */
  services: number;
  show(line: string): void;
}

export interface CampaignOutcome {
  complaints: string[];
  accepted: readonly AcceptedRun[];
  refused: number;
  faults: number;
  recoveries: readonly Recovery[];
  /** Resident bytes of each replica at its highest. */
  mostMemory: readonly number[];
  looks: number;
  seconds: number;
  timeline: readonly string[];
}

/** Far above what a replica needs for this, and far below what one that forgets nothing would come to. */
const MEMORY_BOUND = 450 * 2 ** 20;

export async function runCampaign(
  stage: FleetStage,
  { plan, minutes, services: serviceCount, show }: CampaignOptions,
): Promise<CampaignOutcome> {
  const timeline = new Timeline(show);
  for (const { witness } of stage.hosts) witness.forget();
  const watch = new Watch(stage);
  const services = new FleetServices(stage.client, stage.databaseUrl);
  await services.start(serviceCount);
  const driver = new FaultDriver(stage, plan.faults, timeline);
  const load = await carryLoad({
    client: stage.client,
    runs: plan.runs,
    asked: (count) => {
      services.runsAsked(count);
      driver.runsAsked(count);
    },
    isTimeUp: () => timeline.seconds > minutes * 60,
  });
  await driver.settled();
  for (const probe of driver.probes) await surely('a probe to end', () => stage.client.waitRun(probe.id));
  timeline.note(`${load.accepted.length} runs are over, ${driver.recoveries.length} recoveries were measured`);
  const { seconds } = timeline;
  await services.settle();
  const accepted = [...load.accepted, ...driver.probes];
  const verdict = await judgeFleet(stage, accepted, await services.runIds());
  await watch.end();
  return {
    complaints: [
      ...load.complaints,
      ...driver.complaints,
      ...services.complaints,
      ...watch.complaints,
      ...verdict,
      ...judgeMemory(watch.mostMemory),
    ],
    accepted,
    refused: load.refused,
    faults: plan.faults.length,
    recoveries: driver.recoveries,
    mostMemory: watch.mostMemory,
    looks: watch.looks,
    seconds,
    timeline: timeline.lines,
  };
}

function judgeMemory(mostMemory: readonly number[]): string[] {
  return mostMemory.flatMap((bytes, index) =>
    bytes > MEMORY_BOUND ? [`replica ${index} came to ${Math.round(bytes / 2 ** 20)} MB of memory`] : [],
  );
}
