/** Installs packages of the distribution, once, under a lock, and without letting them start services of their own. */
import { existsSync, readFileSync } from 'node:fs';
import { which } from './child.ts';
import { run } from './command.ts';

/** True for root on Debian, Ubuntu and what says it is like them. */
export function canInstall(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !which('apt-get') || !existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/**
 * A package that brings a daemon starts it when it is installed, on the default port and with the default configuration. Berth starts
 * its own, so services stay off during the installation (policy-rc.d is Debian's door for that; 101 means "not allowed").
 */
const INSTALL = `
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
install() { apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; }
install "$@" || { apt-get -o DPkg::Lock::Timeout=300 update && install "$@"; }
`;

/** Idempotent, and safe to call from several processes at once. Throws with apt's last words. */
export async function aptInstall(packages: string[]): Promise<void> {
  await run('flock', ['/var/lock/berth-apt.lock', 'sh', '-c', INSTALL, 'berth-apt', ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: 600_000,
  });
}

/** Absolute path of the first of `programs`, installing `packages` where none is there. Undefined where that is not possible. */
export async function programOrInstall(programs: string[], packages: string[]): Promise<string | undefined> {
  const find = () => programs.map(which).find((path) => path !== undefined);
  const found = find();
  if (found || !canInstall()) return found;
  await aptInstall(packages);
  return find();
}
