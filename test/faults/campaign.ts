/** One campaign: a plan is carried out on a fleet of its own, and judged. */
import { FaultDriver, type Recovery } from './fault-driver.ts';
import { type AcceptedRun, carryLoad } from './load.ts';
import type { FaultPlan, Fleet } from './plan.ts';
import { type FleetStage, openFleetStage } from './stage.ts';
import { Timeline } from './timeline.ts';
import { judgeFleet } from './verdict.ts';
import { Watch } from './watch.ts';

export const FLEET: Fleet = { real: 3, simulated: 3, replicas: 2 };

export interface CampaignOptions {
  plan: FaultPlan;
  /** No more runs are asked for after so long. */
  minutes: number;
  show(line: string): void;
  /** Called before the fleet is taken down, where a promise was not kept: what is needed to find out why. */
  failed(stage: FleetStage, outcome: CampaignOutcome): void;
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

export async function runCampaign({ plan, minutes, show, failed }: CampaignOptions): Promise<CampaignOutcome> {
  const stage = await openFleetStage(FLEET, show);
  try {
    const timeline = new Timeline(show);
    const watch = new Watch(stage);
    const driver = new FaultDriver(stage, plan.faults, timeline);
    const load = await carryLoad({
      client: stage.client,
      runs: plan.runs,
      asked: (count) => driver.runsAsked(count),
      isTimeUp: () => timeline.seconds > minutes * 60,
    });
    await driver.settled();
    timeline.note(`${load.accepted.length} runs are over, ${driver.recoveries.length} recoveries were measured`);
    const accepted = [...load.accepted, ...driver.probes];
    for (const probe of driver.probes) await stage.client.waitRun(probe.id);
    const seconds = timeline.seconds;
    const verdict = await judgeFleet(stage, accepted);
    await watch.end();
    const outcome: CampaignOutcome = {
      complaints: [...load.complaints, ...driver.complaints, ...watch.complaints, ...verdict, ...judgeMemory(watch.mostMemory)],
      accepted,
      refused: load.refused,
      faults: plan.faults.length,
      recoveries: driver.recoveries,
      mostMemory: watch.mostMemory,
      looks: watch.looks,
      seconds,
      timeline: timeline.lines,
    };
    if (outcome.complaints.length > 0) failed(stage, outcome);
    return outcome;
  } finally {
    await stage.close();
  }
}

function judgeMemory(mostMemory: readonly number[]): string[] {
  return mostMemory.flatMap((bytes, index) =>
    bytes > MEMORY_BOUND ? [`replica ${index} came to ${Math.round(bytes / 2 ** 20)} MB of memory`] : [],
  );
}
