/**
 * What vitest found, as a tally in the file that `BERTH_TALLY_FILE` names. Its own report as JSON leaves out why a hook failed, and what
 * was thrown while no test waited for it.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node';
import { repository } from '../parts/paths.ts';
import { failure, type Tally } from './tally.ts';

type Errors = readonly SerializedError[];

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: Errors): void {
    const file = process.env.BERTH_TALLY_FILE;
    if (!file) throw new Error('BERTH_TALLY_FILE is not set: it names the file that the tally is written to.');
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const failures = [
      ...modules.flatMap(failuresOf),
      ...unhandled.map((error) => failure('thrown while no test waited for it', why([error]))),
    ];
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    writeFileSync(file, JSON.stringify({ passed, failed: failures.length, failures } satisfies Tally));
  }
}

function failuresOf(module: TestModule): string[] {
  const file = relative(repository, module.moduleId);
  // The hooks of a file, and those of each group in it, which then has tests that were skipped.
  const groups: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  return [
    ...groups
      .filter((group) => group.errors().length > 0)
      .map((group) => failure('fullName' in group ? `${file}: ${group.fullName}` : file, why(group.errors()))),
    ...[...module.children.allTests()].flatMap((test) => {
      const { state, errors = [] } = test.result();
      // A skipped test hides something.
      return state === 'passed' ? [] : [failure(`${file}: ${test.fullName}`, errors.length > 0 ? why(errors) : state)];
    }),
  ];
}

function why(errors: Errors): string {
  return errors.map(({ name, message, diff }) => [name ? `${name}: ${message}` : message, diff ?? ''].join('\n').trim()).join('\n');
}
