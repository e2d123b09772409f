/** What an apply needs of a kind. The map of handlers is a mapped type: a kind in the contract without its handler does not compile. */
import type { AppliedKind } from '@berth/shared/model/manifest';
import type { Labels } from '@berth/shared/model/metadata';
import type { WorkspaceRef } from '../../auth/principal.ts';
import type { Applied } from '../../persistence/applied-repository.ts';
import type { After, JsonObject } from '../../planning/manifests/model.ts';
import type { Present } from '../../planning/manifests/plan-apply.ts';

export interface Caller {
  workspace: WorkspaceRef;
  actor: string;
}

/** What a resource is to be: its labels and its spec, parsed by its contract. */
export interface Desired {
  name: string;
  labels: Labels;
  spec: JsonObject;
}

/** Whether what somebody waits for is so; a sentence where it is not yet, or never will be. */
export type Reached = { state: 'yes' } | { state: 'not-yet' | 'never'; message: string };

export interface KindHandler {
  /** The one that a manifest of this name is about. Hidden fields are in it. */
  find(workspaceId: string, name: string, applied: Applied | undefined): Promise<Present | null>;
  /** For its export; null: not in this workspace. */
  get(workspaceId: string, id: string): Promise<Present | null>;
  /** For the export of all: at most `limit`. */
  list(workspaceId: string, limit: number): Promise<Present[]>;
  /** Whether a create would be refused now; nothing is written. Throws BerthError as `create` does. */
  check(caller: Caller, desired: Desired): Promise<void>;
  /** What its create or its change would do, in a sentence, where it knows. */
  explain?(caller: Caller, present: Present | undefined, desired: Desired): Promise<string | undefined>;
  /** `replaces`: it comes in the place of this one, which is ended first. Answers its id. Safe to repeat with the same `applied`. */
  create(caller: Caller, desired: Desired, applied: Applied | undefined, replaces?: Present): Promise<string>;
  /** Throws BerthError `precondition-failed` where it has changed since it was found. */
  update(caller: Caller, present: Present, desired: Desired): Promise<void>;
  delete(caller: Caller, present: Present): Promise<void>;
  reached(workspaceId: string, id: string, until: After['until']): Promise<Reached>;
}

export type KindHandlers = { readonly [K in AppliedKind]: KindHandler };
