/**
 * Secrets as files: on a file system in memory of the host, in a folder that only its owner enters, one folder an attempt. They are bound into the
 * container one by one, for reading only. What is on such a file system is gone after a reboot: they are written anew before a container starts again.
 */
import { chmod, chown, mkdir, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '@berth/shared/errors/outcome';
import { type SecretUse, secretWords } from '@berth/shared/model/secret-use';
import type { Assignment } from '@berth/shared/protocol/agent';
import { givenValue, missing } from './secret-values.ts';

/** statfs(2): TMPFS_MAGIC, RAMFS_MAGIC. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6]);
/** Tried in this order where none is named; an agent in a container shares the first with its host. */
const STANDARD = ['/run/berth', '/dev/shm/berth'];
const STANDARD_MODE = '0444';

/** Where they may be; `named` by the configuration. What is there no container of a run may mount. */
export const secretFolders = (named?: string): readonly string[] => (named === undefined ? STANDARD : [named]);

export interface BoundFile {
  source: string;
  target: string;
}

export class SecretFiles {
  readonly #folders: readonly string[];
  readonly #hostId: string;
  /** Attempts of which this process has written some. */
  readonly #written = new Set<string>();
  #base: string | null = null;

  /** `folder`: the one of the configuration. */
  constructor(hostId: string, folder?: string) {
    this.#folders = secretFolders(folder);
    this.#hostId = hostId;
  }

  /** Where the files of the attempt are, or will be. Empty where it has none. */
  bound(assignment: Assignment): BoundFile[] {
    return filesOf(assignment).map(({ index, use }) => ({ source: this.#path(assignment.attemptId, index), target: use.file }));
  }

  /** They are there afterwards, as they should be; what is there already stays. */
  async write(assignment: Assignment): Promise<Failure | null> {
    const files = filesOf(assignment);
    if (files.length === 0) return null;
    try {
      return (await this.#prepare()) ?? (await this.#writeAll(assignment, files));
    } catch (error) {
      return failureOf(error);
    }
  }

  async #writeAll(assignment: Assignment, files: readonly SecretFile[]): Promise<Failure | null> {
    this.#written.add(assignment.attemptId);
    await mkdir(join(this.#folder(), assignment.attemptId), { recursive: true, mode: 0o700 });
    for (const { index, use } of files) {
      const path = this.#path(assignment.attemptId, index);
      if (await isFile(path)) continue;
      const value = givenValue(assignment, use);
      if (value === null) return missing(secretWords(use));
      await writeFile(path, value, { mode: 0o600 });
      await chown(path, use.uid ?? 0, use.gid ?? 0);
      await chmod(path, Number.parseInt(use.mode ?? STANDARD_MODE, 8));
    }
    return null;
  }

  /** Costs nothing where it has none. */
  async remove(attemptId: string): Promise<void> {
    if (this.#written.delete(attemptId)) await this.#removeFolder(attemptId);
  }

  async #removeFolder(attemptId: string): Promise<void> {
    for (const base of this.#folders) await rm(join(base, this.#hostId, attemptId), { recursive: true, force: true });
  }

  /** What an earlier process left of attempts that are over. */
  async removeOthers(isKept: (attemptId: string) => boolean): Promise<void> {
    for (const base of this.#folders) {
      const found = await readdir(join(base, this.#hostId)).catch(() => []);
      for (const attemptId of found) if (!isKept(attemptId)) await this.#removeFolder(attemptId);
    }
  }

  /** The first folder that is in memory. */
  async #prepare(): Promise<Failure | null> {
    if (this.#base !== null && (await isInMemory(this.#folder()))) return null;
    this.#base = null;
    for (const base of this.#folders) {
      const folder = join(base, this.#hostId);
      // A folder is made to be looked at only where its parent is one already: nothing is left on a disk.
      if (!(await isInMemory(base)) && !(await isInMemory(join(base, '..')))) continue;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
      if (!(await isInMemory(folder))) continue;
      this.#base = base;
      return null;
    }
    const places = this.#folders.join(' and ');
    const message = `secrets as files are kept in memory only, and ${places} of this host ${this.#folders.length > 1 ? 'are' : 'is'} not on a tmpfs: name another folder with BERTH_SECRETS_FOLDER`;
    return { kind: 'cannot-ever', reason: 'secret-folder', message };
  }

  #folder(): string {
    return join(this.#base ?? '', this.#hostId);
  }

  #path(attemptId: string, index: number): string {
    return join(this.#folder(), attemptId, String(index));
  }
}

interface SecretFile {
  index: number;
  use: SecretUse & { file: string };
}

function failureOf(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const message = `the files of its secrets cannot be written: ${error instanceof Error ? error.message : String(error)}`;
  return code === 'ENOSPC'
    ? { kind: 'cannot-now', reason: 'disk-full', message, cause: error }
    : { kind: 'cannot-ever', reason: 'secret-folder', message, cause: error };
}

function filesOf({ spec }: Assignment): SecretFile[] {
  return (spec.secrets ?? []).flatMap((use, index) => (use.file === undefined ? [] : [{ index, use: { ...use, file: use.file } }]));
}

async function isInMemory(path: string): Promise<boolean> {
  try {
    return IN_MEMORY.has((await statfs(path)).type);
  } catch {
    return false;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
