/** The short version of `npm run faults`: a fleet of six hosts and two replicas keeps its word while everything in it dies. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runCampaign } from '../faults/campaign.ts';
import { type FaultPlan, FLEET, planFaults, renderPlan } from '../faults/plan.ts';
import { keepEvidence, renderComplaints, renderOutcome } from '../faults/report.ts';
import { type FleetStage, openFleetStage } from '../faults/stage.ts';

const RUNS = 50;
const MINUTES = 4;
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

let stage: FleetStage;
beforeAll(async () => {
  stage = await openFleetStage(FLEET, (line) => console.log(line));
});
afterAll(() => stage?.close());

async function keepsItsWord(plan: FaultPlan): Promise<void> {
  console.log(renderPlan(plan));
  const outcome = await runCampaign(stage, { plan, minutes: MINUTES, show: () => undefined });
  console.log(renderOutcome(outcome));
  if (outcome.complaints.length > 0) expect.fail(renderComplaints(plan, outcome, keepEvidence(plan, stage, outcome)));
  expect(outcome.accepted.length + outcome.refused).toBeGreaterThanOrEqual(RUNS);
}

it('under the faults of a seed that is always the same', () => keepsItsWord(planFaults({ seed: 2256, runs: RUNS, fleet: FLEET })));

it('under those of a seed that nobody has tried, which is printed', () =>
  keepsItsWord(planFaults({ seed: randomInt(2 ** 32), runs: RUNS, fleet: FLEET })));
