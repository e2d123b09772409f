/** Packages and build, each skipped where it is done already. */
import { build, isBuilt, type Target } from './build.ts';
import { install, isInstalled } from './install.ts';
import { step } from './step.ts';

export async function prepare(target: Target): Promise<void> {
  if (!isInstalled()) await step('Packages from the npm registry', install);
  if (!isBuilt(target)) await step('Build', () => build(target));
}
