/** One console that types into the main process of one run. What comes back is the run's log, which it watches beside. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Push } from '@berth/shared/events/console-socket';
import type { Attempt } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import type { Socket } from 'socket.io';
import { WriteInputCommand } from '../commands/write-input.ts';

export interface AttachInput {
  workspaceId: string;
  runId: string;
  sub: string;
  actor: string;
}

interface Attached {
  view: AttachInput;
  /** Where it is; null where that has to be looked for again. */
  at: Promise<Attempt> | null;
  /** The same, once it is told who types. Keys wait here for one another, and so keep their order. */
  told: Promise<Attempt> | null;
  isTold: boolean;
}

@Injectable()
export class AttachedInputs {
  private readonly open = new Map<string, Attached>();

  constructor(private readonly input: WriteInputCommand) {}

  /** From now on keys are taken. Throws BerthError for a run that has no input; one that does not run now may do so later. */
  async enter(socket: Socket, view: AttachInput): Promise<void> {
    await this.input.demand(view.workspaceId, view.runId);
    this.open.set(keyOf(socket, view.sub), { view, at: null, told: null, isTold: false });
  }

  /** After `enter`, until `signal` is aborted. */
  async hold(socket: Socket, sub: string, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    this.open.delete(keyOf(socket, sub));
  }

  /** At most once; what does not get there is told, with the reason. */
  type(socket: Socket, sub: string, keys: string): void {
    const attached = this.open.get(keyOf(socket, sub));
    if (!attached) return;
    attached.told ??= this.found(attached).then((attempt) => this.tell(attached, attempt));
    attached.told
      .then((attempt) => this.input.send(attempt, Buffer.from(keys), false))
      .catch((error: unknown) => {
        forget(attached);
        const refused = error instanceof BerthError ? error.detail : 'Berth itself failed; type it again.';
        socket.emit('push', { channel: 'input', sub, refused } satisfies Push);
      });
  }

  resize(socket: Socket, sub: string, columns: number, rows: number): void {
    const attached = this.open.get(keyOf(socket, sub));
    if (!attached) return;
    this.found(attached)
      .then((attempt) => this.input.resize(attempt, columns, rows))
      .catch(() => forget(attached));
  }

  private found(attached: Attached): Promise<Attempt> {
    attached.at ??= this.input.find(attached.view.workspaceId, attached.view.runId);
    return attached.at;
  }

  /** Once, as an event: keys are many. */
  private async tell(attached: Attached, attempt: Attempt): Promise<Attempt> {
    const { workspaceId, runId, actor } = attached.view;
    if (!attached.isTold) await this.input.note(workspaceId, runId, actor, null, false);
    attached.isTold = true;
    return attempt;
  }
}

function forget(attached: Attached): void {
  attached.at = null;
  attached.told = null;
}

const keyOf = (socket: Socket, sub: string) => `${socket.id} ${sub}`;
