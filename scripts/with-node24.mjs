#!/usr/bin/env node
/**
 * Runs a script of this repository on Node 24, whatever Node (20 or newer) it was started with:
 *
 *   node scripts/with-node24.mjs scripts/start/main.ts --no-hello
 *
 * Where the present Node is older, Node 24 comes from the npm registry into .tools, once. It stands first on the PATH of everything that
 * the script starts, npm too: npm on Node 20 would pick older majors of packages without a word.
 */
import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_VERSION = '24.21.0';
const repository = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const [script, ...args] = process.argv.slice(2);
if (!script) {
  console.error('Usage: node scripts/with-node24.mjs <script> [arguments]');
  process.exit(2);
}
const file = path.resolve(repository, script);

// npm passes signals on (package.json says `exec node`, so that no shell stands between); npm itself can be killed.
if (process.env.npm_lifecycle_event) {
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

if (Number(process.versions.node.split('.')[0]) >= 24) {
  process.argv.splice(1, 2, file);
  await import(pathToFileURL(file).href);
} else {
  runOn(provideNode24());
}

/** Absolute path of node 24. */
function provideNode24() {
  const folder = path.join(repository, '.tools', `node-${NODE_VERSION}`);
  const name = `node-${process.platform}-${process.arch}`;
  const node = path.join(folder, 'node_modules', name, 'bin', 'node');
  if (isExecutable(node)) return node;
  const started = performance.now();
  process.stdout.write(`Node ${NODE_VERSION} from the npm registry … `);
  // Into a folder of our own first: two that start at once must not see each other's half.
  const fresh = path.join(repository, '.tools', `fresh-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  try {
    const install = ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', fresh];
    execFileSync(process.execPath, [findNpm(), ...install, `${name}@${NODE_VERSION}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    if (!isExecutable(node)) {
      const words = String(error.stderr ?? error.message).trim();
      console.error(
        `\nNode 24 is needed (this is ${process.version}) and could not be fetched. Install it from https://nodejs.org.\n${words}`,
      );
      process.exit(1);
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  console.log(`done (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return node;
}

/** npm's own script: of the npm that started this, or of the one on PATH. */
function findNpm() {
  const given = process.env.npm_execpath;
  if (given && existsSync(given) && given.endsWith('npm-cli.js')) return given;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const found = folders.map((folder) => path.join(folder, 'npm')).find(isExecutable);
  if (found) return realpathSync(found);
  throw new Error('npm is not on PATH');
}

function isExecutable(candidate) {
  try {
    accessSync(candidate, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function runOn(node) {
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` };
  // If this process is killed, the kernel tells the child (setpriv of util-linux, Linux only).
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(isExecutable);
  const [command, ...before] = process.platform === 'linux' && setpriv ? [setpriv, '--pdeathsig', 'TERM', '--', node] : [node];
  const child = spawn(command, [...before, file, ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (osConstants.signals[signal] ?? 1)));
}
