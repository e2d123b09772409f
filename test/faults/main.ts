/**
 * `npm run faults -- [--seed N] [--runs 1000] [--minutes M] [--services 10]`: a fleet under load, in which everything is killed, frozen, cut off and filled
 * up by a plan that the seed makes. `--short-runs N`: so many runs of hello-world instead, and nothing goes wrong.
 * Ends with 1 where a promise was not kept, names the seed, and keeps the evidence in a folder.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';
import { FLEET, planFaults, planShortRuns, REAL_FLEET, renderPlan } from './plan.ts';
import { keepEvidence, renderComplaints, renderOutcome } from './report.ts';
import { openFleetStage } from './stage.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string' },
    runs: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '120' },
    services: { type: 'string', default: '10' },
    'short-runs': { type: 'string' },
  },
});
// What is in the sandboxes goes with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const seed = flags.seed === undefined ? randomInt(2 ** 32) : Number(flags.seed);
const isShort = flags['short-runs'] !== undefined;
const plan = isShort ? planShortRuns(Number(flags['short-runs'])) : planFaults({ seed, runs: Number(flags.runs), fleet: FLEET });
console.log(renderPlan(plan));
const show = (line: string) => console.error(line);
const stage = await openFleetStage(isShort ? REAL_FLEET : FLEET, show);
const outcome = await runCampaign(stage, { plan, minutes: Number(flags.minutes), services: isShort ? 0 : Number(flags.services), show });
console.log(renderOutcome(outcome));
if (outcome.complaints.length > 0) console.log(renderComplaints(plan, outcome, keepEvidence(plan, stage, outcome)));
await stage.close();
process.exit(outcome.complaints.length > 0 ? 1 : 0);
