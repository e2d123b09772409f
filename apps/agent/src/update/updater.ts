/**
 * Updates of this agent, as the api asks for them: the new version is fetched, checked and put beside the present one, and then this process
 * makes way for one that tries it (try-bundle.ts). Until the new one has shown itself, the present one is what is started.
 */
import type { AgentBundle } from '@berth/shared/model/agent-bundle';
import type { CallAnswer, CallOf } from '@berth/shared/protocol/call';
import type { AgentLog } from '../log.ts';
import type { BundleFile } from '../planner/choose-bundle.ts';
import { canBecome } from './become.ts';
import { downloadBundle } from './download-bundle.ts';
import type { UpdateFolder } from './update-folder.ts';

type UpdateCall = CallOf<'agent.update'>;

export interface UpdaterOptions {
  url: string;
  own: BundleFile;
  folder: UpdateFolder;
  /** This process is the new version, which is being tried. */
  onTrial: boolean;
  /** By the policy file. */
  isAllowed(): boolean;
  /** How it ended is to be told. */
  ended(): void;
  log: AgentLog;
}

export class Updater {
  readonly #options: UpdaterOptions;
  readonly #fetched = Promise.withResolvers<void>();
  /** The update that is under way. */
  #under: string | null = null;

  constructor(options: UpdaterOptions) {
    this.#options = options;
  }

  /** Resolves when a new version waits to be tried, and this process is to make way. */
  get fetched(): Promise<void> {
    return this.#fetched.promise;
  }

  /** For the api, with every handshake. */
  tell(): AgentBundle {
    const { own, folder, onTrial } = this.#options;
    const { trial, outcome } = folder.state;
    const update =
      onTrial && trial ? ({ id: trial.update, state: 'trying', message: `version ${trial.version} is being tried` } as const) : outcome;
    return { sha256: own.sha256, fixed: this.#fixed(), update };
  }

  /** Answered before it is done: it takes longer than a call may. */
  answer(call: UpdateCall): CallAnswer {
    const { own, folder, onTrial, ended } = this.#options;
    if (call.update === folder.state.outcome?.id) {
      setImmediate(ended);
      return { ok: true, value: {} };
    }
    if (onTrial || call.update === this.#under) return { ok: true, value: {} };
    const fixed = this.#fixed();
    if (fixed !== null) return refused(fixed);
    if (this.#under !== null) return refused('another update of it is under way');
    this.#under = call.update;
    void (call.sha256 === own.sha256 ? this.#end(call, 'done', 'it was this version already') : this.#fetch(call));
    return { ok: true, value: {} };
  }

  /** The api has let this agent in. */
  async connected(): Promise<void> {
    const { own, folder, onTrial } = this.#options;
    if (onTrial) {
      process.send?.('connected');
      return;
    }
    const { chosen } = folder.state;
    if (chosen && chosen.file === own.file && chosen.starts > 0) await folder.write({ chosen: { ...chosen, starts: 0 } });
  }

  #fixed(): string | null {
    if (!this.#options.isAllowed()) return 'the policy file on the host does not allow it ("updates")';
    return canBecome() ? null : `its Node ${process.versions.node} is too old for it: 22.15 is needed`;
  }

  async #fetch(call: UpdateCall): Promise<void> {
    const { url, own, folder, log } = this.#options;
    log.info('an update was asked for', { version: call.version });
    const got = await downloadBundle(url, call);
    if (!got.ok) return this.#end(call, 'failed', got.message);
    try {
      const file = await folder.keep(got.content, call.sha256);
      const { update, version, sha256 } = call;
      const { chosen } = folder.state;
      const over = chosen?.file === own.file ? chosen.over : own.sha256;
      await folder.write({ trial: { update, version, file, sha256, over, pid: null } });
      this.#fetched.resolve();
    } catch (error) {
      await this.#end(call, 'failed', `the new version could not be kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #end({ update, version }: UpdateCall, state: 'done' | 'failed', message: string): Promise<void> {
    const { folder, log, ended } = this.#options;
    this.#under = null;
    if (state === 'failed') log.warn('the update failed', { version, why: message });
    try {
      await folder.write({ outcome: { id: update, state, message } });
    } catch (error) {
      // It is in memory all the same, and told.
      log.warn('how the update ended cannot be kept', { why: error instanceof Error ? error.message : String(error) });
    }
    ended();
  }
}

const refused = (message: string): CallAnswer => ({ ok: false, code: 'refused', message });
