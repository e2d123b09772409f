/** What updates leave on the disk: `updates` in the agent's home, with bundles that came and one file that says what is so of them. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { NO_UPDATES, type UpdateState } from '../planner/choose-bundle.ts';
import { makePrivateFolder, readIfThere, writeDurably } from '../state/files.ts';

const arrived = { file: z.string(), sha256: z.string(), update: z.string(), version: z.string(), over: z.string() };
const stateSchema = z.object({
  chosen: z.object({ ...arrived, starts: z.int() }).nullable(),
  trial: z.object({ ...arrived, pid: z.int().nullable() }).nullable(),
  outcome: z.object({ id: z.string(), state: z.enum(['done', 'failed']), message: z.string() }).nullable(),
});

export const sumOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Null where it cannot be read. */
export async function sumOfFile(file: string): Promise<string | null> {
  try {
    return sumOf(await readFile(file));
  } catch {
    return null;
  }
}

export class UpdateFolder {
  readonly #folder: string;
  #state: UpdateState;

  private constructor(folder: string, state: UpdateState) {
    this.#folder = folder;
    this.#state = state;
  }

  /** One that cannot be understood counts as empty: the installed agent must start whatever is here. */
  static async open(home: string): Promise<UpdateFolder> {
    const folder = join(home, 'updates');
    try {
      const text = await readIfThere(join(folder, 'state.json'));
      return new UpdateFolder(folder, text === null ? NO_UPDATES : stateSchema.parse(JSON.parse(text)));
    } catch {
      return new UpdateFolder(folder, NO_UPDATES);
    }
  }

  get state(): UpdateState {
    return this.#state;
  }

  /** All of it changes at once. */
  async write(change: Partial<UpdateState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    await makePrivateFolder(this.#folder);
    await writeDurably(join(this.#folder, 'state.json'), JSON.stringify(this.#state));
  }

  /** Returns where it is. */
  async keep(content: Buffer, sha256: string): Promise<string> {
    const file = join(this.#folder, `agent-${sha256.slice(0, 16)}.mjs`);
    await makePrivateFolder(this.#folder);
    await writeDurably(file, content);
    return file;
  }

  async drop(file: string): Promise<void> {
    // Nothing outside of the folder, whatever the state says.
    await rm(join(this.#folder, basename(file)), { force: true });
  }
}
