/** What there is, as manifests: applied again they plan nothing. What is secret is not in them, and stays as it is. */
import { BerthError } from '@berth/shared/errors/problem';
import { APPLIED_KINDS, type AppliedKind, MOST_DOCUMENTS } from '@berth/shared/model/manifest';
import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../planning/manifests/model.ts';
import { manifestOf } from '../planning/manifests/write-manifests.ts';
import { Kinds } from './manifests/kinds.ts';

@Injectable()
export class ExportManifestsCommand {
  constructor(private readonly kinds: Kinds) {}

  async one(workspaceId: string, kind: AppliedKind, id: string): Promise<JsonObject> {
    const found = await this.kinds.handlers[kind].get(workspaceId, id);
    if (!found) throw new BerthError('not-found', `There is no ${kind.toLowerCase()} ${id}.`);
    return manifestOf(kind, found);
  }

  /** Of runs those that are under way, and the newest of a name. Throws `too-large` where an apply would not take them at once. */
  async all(workspaceId: string, kinds: readonly AppliedKind[] = APPLIED_KINDS): Promise<JsonObject[]> {
    const manifests: JsonObject[] = [];
    for (const kind of APPLIED_KINDS) {
      if (!kinds.includes(kind)) continue;
      const found = await this.kinds.handlers[kind].list(workspaceId, MOST_DOCUMENTS + 1);
      const newest = new Map(found.toReversed().map((present) => [present.name, present]));
      manifests.push(...[...newest.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((present) => manifestOf(kind, present)));
    }
    if (manifests.length <= MOST_DOCUMENTS) return manifests;
    throw new BerthError(
      'too-large',
      `There are more than ${MOST_DOCUMENTS}, which no apply takes at once: export some of the kinds by ?kinds=`,
    );
  }
}
