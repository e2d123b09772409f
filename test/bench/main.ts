/**
 * `npm run bench -- [--only a,c] [--quick] [--json FILE] [--profile FOLDER]`: what Berth costs over what it stands on, each figure with its baseline
 * measured beside it on the same machine. Ends with 1 where a bound is missed or a scenario fails.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Figure, judge, ratioOf } from './figures.ts';
import { describeMachine } from './machine.ts';
import { RawEngine } from './raw-engine.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { openStage } from './stage.ts';
import { renderMachine, renderTable } from './table.ts';

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false }, json: { type: 'string' }, profile: { type: 'string' } },
});

const wanted = flags.only ? flags.only.split(',') : Object.keys(SCENARIOS);
const unknown = wanted.filter((letter) => !(letter in SCENARIOS));
if (unknown.length > 0) {
  console.error(`There is no scenario "${unknown.join(', ')}"; there are ${Object.keys(SCENARIOS).sort().join(', ')}.`);
  process.exit(2);
}

const figures: Figure[] = [];
const failures: { scenario: string; message: string }[] = [];
const stage = await openStage((line) => console.error(line), { profile: flags.profile });
let report: object;
try {
  const machine = describeMachine(await new RawEngine(stage.engine.socket).version());
  for (const [letter, { title, run }] of Object.entries(SCENARIOS)) {
    if (!wanted.includes(letter)) continue;
    console.error(`(${letter}) ${title}`);
    try {
      figures.push(...(await run(stage, { quick: flags.quick, progress: (line) => console.error(`    ${line}`) })));
    } catch (error) {
      // One that breaks must not hide the others; it fails the bench all the same.
      failures.push({ scenario: letter, message: error instanceof Error ? error.message : String(error) });
      console.error(`    failed: ${failures.at(-1)?.message}`);
    }
  }
  figures.sort((a, b) => a.scenario.localeCompare(b.scenario));
  report = {
    machine,
    quick: flags.quick,
    figures: figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), verdict: judge(figure) })),
    failures,
  };
  console.log(`${renderMachine(machine)}\n`);
} finally {
  await stage.close();
}

console.log(`${renderTable(figures)}\n`);
for (const { scenario, message } of failures) console.log(`(${scenario}) failed: ${message}`);
console.log(JSON.stringify(report));
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);
process.exit(failures.length > 0 || figures.some((figure) => judge(figure) === 'MISS') ? 1 : 0);
