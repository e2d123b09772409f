/** What is said of a campaign, and what is kept of one that failed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/parts/paths.ts';
import type { CampaignOutcome } from './campaign.ts';
import { type FaultPlan, renderPlan } from './plan.ts';
import type { FleetStage } from './stage.ts';

const LOG_LINES = 100_000;

export function renderOutcome({ accepted, refused, faults, recoveries, mostMemory, looks, seconds }: CampaignOutcome): string {
  const attempts = accepted.flatMap(({ last }) => last.status.attempts);
  const replaced = attempts.filter(({ phase, number }) => phase === 'lost' || number > 1).length;
  const disturbed = accepted.filter(({ last }) => /may be missing|disk/.test(last.status.message)).length;
  const lines = [
    `${accepted.length} runs accepted (${attempts.length} attempts, ${replaced} of them lost or in place of a lost one; ${disturbed} say what a fault took),`,
    ` ${refused} refused for a port that was taken, ${faults} faults, in ${seconds.toFixed(0)} s; ` +
      `${looks} looks at what is reserved; replicas came to ${mostMemory.map((bytes) => `${Math.round(bytes / 2 ** 20)} MB`).join(' and ')}`,
    'time to work again:',
  ];
  const groups = Map.groupBy(recoveries, ({ fault, what }) => `${fault.padEnd(20)} ${what}`);
  for (const [name, group] of [...groups].sort(([a], [b]) => a.localeCompare(b))) {
    const times = group.map(({ ms }) => ms).sort((a, b) => a - b);
    const median = times[Math.floor((times.length - 1) / 2)] ?? 0;
    lines.push(
      `  ${name.padEnd(38)} p50 ${(median / 1000).toFixed(2)} s  max ${((times.at(-1) ?? 0) / 1000).toFixed(2)} s  (${times.length})`,
    );
  }
  return lines.join('\n');
}

export function renderComplaints(plan: FaultPlan, { complaints }: CampaignOutcome, folder: string): string {
  return [
    `${complaints.length} promises were not kept:`,
    ...complaints.map((complaint) => `- ${complaint}`),
    `Again: npm run faults -- --seed ${plan.seed} --runs ${plan.runs.length}`,
    `Evidence: ${folder}`,
  ].join('\n');
}

/** Returns the folder. */
export function keepEvidence(plan: FaultPlan, stage: FleetStage, outcome: CampaignOutcome): string {
  const folder = join(repository, 'test/.artifacts', `faults-${plan.seed}`);
  mkdirSync(folder, { recursive: true });
  const keep = (name: string, text: string) => writeFileSync(join(folder, name), `${text}\n`);
  keep('plan.txt', renderPlan(plan));
  keep('complaints.txt', outcome.complaints.join('\n'));
  keep('timeline.txt', outcome.timeline.join('\n'));
  keep('runs.json', JSON.stringify(outcome.accepted, null, 2));
  stage.replicas.forEach(({ process }, index) => {
    keep(`api-${index}.log`, process.log(LOG_LINES));
  });
  for (const { name, agent, engine } of stage.hosts) {
    keep(`agent-${name}.log`, agent.log());
    if (engine) keep(`engine-${name}.log`, engine.log());
  }
  return folder;
}
