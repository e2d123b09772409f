/**
 * `npm run faults -- [--seed N] [--runs 1000] [--minutes M]`: a fleet under load, in which everything is killed, frozen, cut off and filled
 * up by a plan that the seed makes. Ends with 1 where a promise was not kept, names the seed, and keeps the evidence in a folder.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { FLEET, runCampaign } from './campaign.ts';
import { planFaults, renderPlan } from './plan.ts';
import { keepEvidence, renderOutcome } from './report.ts';

const { values: flags } = parseArgs({
  options: { seed: { type: 'string' }, runs: { type: 'string', default: '1000' }, minutes: { type: 'string', default: '60' } },
});
// What is in the sandboxes goes with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const seed = flags.seed === undefined ? randomInt(2 ** 32) : Number(flags.seed);
const plan = planFaults({ seed, runs: Number(flags.runs), fleet: FLEET });
console.log(renderPlan(plan));
let folder = '';
const outcome = await runCampaign({
  plan,
  minutes: Number(flags.minutes),
  show: (line) => console.error(line),
  failed: (stage, ended) => {
    folder = keepEvidence(plan, stage, ended);
  },
});
console.log(renderOutcome(outcome));
if (outcome.complaints.length > 0) {
  console.log(`\n${outcome.complaints.length} promises were not kept:`);
  for (const complaint of outcome.complaints) console.log(`- ${complaint}`);
  console.log(`\nAgain: npm run faults -- --seed ${seed} --runs ${flags.runs}\nEvidence: ${folder}`);
}
process.exit(outcome.complaints.length > 0 ? 1 : 0);
