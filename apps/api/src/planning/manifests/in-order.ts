/** The order in which documents are carried out: it depends on what they need, and on their names; not on where they stand in the text. */
import type { ManifestError } from '@berth/shared/http/manifests';
import { KIND_RULES } from './kind-rules.ts';
import { refusal, type Wanted } from './model.ts';

export const keyOf = ({ kind, name }: { kind: string; name: string }) => `${kind}/${name}`;

/** What others wait for comes before them; else by kind and name. A circle is refused, with those that are in it. */
export function inOrder(wanted: readonly Wanted[]): { ok: true; value: Wanted[] } | { ok: false; errors: ManifestError[] } {
  const left = new Map(
    wanted
      .toSorted((a, b) => KIND_RULES[a.kind].rank - KIND_RULES[b.kind].rank || (keyOf(a) < keyOf(b) ? -1 : 1))
      .map((one) => [keyOf(one), one]),
  );
  const ordered: Wanted[] = [];
  while (left.size > 0) {
    const next = [...left].find(([, { after }]) => !after.some((other) => left.has(keyOf(other))));
    if (!next) {
      const circle = [...left.values()];
      const names = circle.map(({ name }) => `"${name}"`).join(', ');
      return {
        ok: false,
        errors: circle.map((one) => refusal(one.pathOf('after'), `waits for itself by way of the others: ${names}`, one.place('after'))),
      };
    }
    left.delete(next[0]);
    ordered.push(next[1]);
  }
  return { ok: true, value: ordered };
}
