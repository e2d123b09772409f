/** Paging: lists go by id, newest first; the id of the last item is the cursor of the next page. */
import type { Page } from '@berth/shared/http/lists';

/** `items` holds one more than `limit` where there is a next page. */
export function toPage<T extends { metadata: { id: string } }>(items: readonly T[], limit: number, cursor: string): Page<T> {
  const shown = items.slice(0, limit);
  return { items: shown, next: items.length > limit ? (shown.at(-1)?.metadata.id ?? null) : null, cursor };
}
