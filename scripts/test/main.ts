/**
 * `npm test`: everything that must hold, on real parts, from a fresh clone. Ends with one line: `N passed, N failed`.
 *
 *   npm test                             all of it
 *   npm test -- checks unit              only these (checks, unit, integration, e2e)
 *   npm test -- integration --match logs only files whose path has "logs" in it
 */
import { parseArgs } from 'node:util';
import { prepare } from '../prepare/prepare.ts';
import { runChecks } from './checks.ts';
import { runEndToEnd } from './end-to-end.ts';
import type { Tally } from './tally.ts';
import { runVitest } from './vitest.ts';

type Part = 'checks' | 'unit' | 'integration' | 'e2e';

const PARTS: Record<Part, (match: string | undefined) => Promise<Tally>> = {
  checks: () => runChecks(),
  unit: (match) => runVitest('unit', match),
  integration: (match) => runVitest('integration', match),
  e2e: (match) => runEndToEnd(match),
};

const { values, positionals } = parseArgs({ options: { match: { type: 'string' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`There is no "${unknown.join(', ')}"; there are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}

const total: Tally = { passed: 0, failed: 0, failures: [] };
try {
  await prepare('everything');
  for (const [name, run] of Object.entries(PARTS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    console.log(`\n── ${name}`);
    const { passed, failed, failures } = await run(values.match);
    total.passed += passed;
    total.failed += failed;
    total.failures.push(...failures.map((one) => `${name}: ${one}`));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  total.failed++;
}
if (total.failures.length > 0) console.log(`\n── failed\n${total.failures.join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
// A part that hangs on to something must not hold up the result.
process.exit(total.failed === 0 ? 0 : 1);
