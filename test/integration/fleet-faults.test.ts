/** The short version of `npm run faults`: a fleet of six hosts and two replicas keeps its word while everything in it dies. */
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
  const outcome = await runCampaign(stage, { plan, minutes: MINUTES, services: 2, show: () => undefined });
  console.log(renderOutcome(outcome));
  if (outcome.complaints.length > 0) expect.fail(renderComplaints(plan, outcome, keepEvidence(plan, stage, outcome)));
  expect(outcome.accepted.length + outcome.refused).toBeGreaterThanOrEqual(RUNS);
}

// Always the same: a change is judged by what it does, and not by what a new seed finds. Others are tried by `npm run faults`.
it.each([11, 2256])('under the faults of seed %i', (seed) => keepsItsWord(planFaults({ seed, runs: RUNS, fleet: FLEET })));
