/** Very many very short runs: each ends with 0, its whole output is there once, and nothing of it is left. `npm run faults -- --short-runs 10000`. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runCampaign } from '../faults/campaign.ts';
import { planShortRuns, REAL_FLEET } from '../faults/plan.ts';
import { renderOutcome } from '../faults/report.ts';
import { type FleetStage, openFleetStage } from '../faults/stage.ts';

const RUNS = 300;
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

let stage: FleetStage;
beforeAll(async () => {
  stage = await openFleetStage(REAL_FLEET, () => undefined);
});
afterAll(() => stage?.close());

it('three hundred runs of hello-world on three engines', async () => {
  const outcome = await runCampaign(stage, { plan: planShortRuns(RUNS), minutes: 8, services: 0, show: () => undefined });
  console.log(renderOutcome(outcome));
  expect(outcome.complaints).toEqual([]);
  expect(outcome.accepted).toHaveLength(RUNS);
});
