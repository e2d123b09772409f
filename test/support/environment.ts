/**
 * The one file that decides where the real parts of the tests come from:
 * - with a container engine and the internet at hand, testcontainers starts them from their public images;
 * - offline on Debian or Ubuntu as root, the distribution's packages serve (and Postgres from npm).
 * Container engines for the hosts under test are private ones either way, side by side, which takes root on Linux.
 */
import { canInstall } from '../../scripts/parts/apt.ts';
import { which } from '../../scripts/parts/child.ts';
import { dockerHubIsReachable } from '../../scripts/parts/docker-hub.ts';
import { pingHost } from '../../scripts/parts/engine.ts';
import type { RegistryCredentials } from '../../scripts/parts/registry.ts';

/** What a suite needs to know of a part, wherever it came from. */
export interface RedisPart {
  readonly url: string;
  stop(): Promise<void>;
}

export interface PostgresPart {
  /** Address of a database. */
  url(database: string): string;
  stop(): Promise<void>;
}

/** A database that suites are given copies of. */
export interface Template {
  database: string;
  /** Changes whenever `fill` would give another result. */
  version: string;
  fill(url: string): Promise<void>;
}

export interface RegistryPart {
  /** "127.0.0.1:5000": what stands before the "/" in an image reference. */
  readonly server: string;
  readonly url: string;
  readonly credentials: RegistryCredentials | null;
  stop(): Promise<void>;
}

export interface RegistryChoice {
  /** Ask for a user name and a password. */
  auth?: boolean;
  port?: number;
}

export interface Parts {
  readonly source: 'public images' | 'distribution';
  redis(): Promise<RedisPart>;
  /** With the template in it. */
  postgres(template: Template): Promise<PostgresPart>;
  registry(choice?: RegistryChoice): Promise<RegistryPart>;
}

let chosen: Promise<Parts> | undefined;

export function parts(): Promise<Parts> {
  chosen ??= choose();
  return chosen;
}

async function choose(): Promise<Parts> {
  if ((await engineAnswers()) && (await dockerHubIsReachable())) return (await import('./parts-from-images.ts')).partsFromImages;
  const programs = ['redis-server', 'docker-registry'];
  if (canInstall() || programs.every(which)) return (await import('./parts-from-distribution.ts')).partsFromDistribution;
  throw new Error(
    'The tests need real parts: run them where Docker and the internet are at hand, or as root on Debian or Ubuntu, ' +
      `or install ${programs.join(' and ')}.`,
  );
}

async function engineAnswers(): Promise<boolean> {
  return pingHost(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').catch(() => false);
}
