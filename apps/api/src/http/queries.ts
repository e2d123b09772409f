/** The queries of the routes: those of the contracts, with unknown names refused. */
import { cursorSchema } from '@berth/shared/events/event';
import { deleteRunQuerySchema, listRunsQuerySchema, pageQuerySchema, waitQuerySchema } from '@berth/shared/http/lists';
import { dryRunQuerySchema } from '@berth/shared/http/services';
import { HOST_STATES } from '@berth/shared/model/host';
import { hostFilterSchema } from '@berth/shared/model/host-map';
import { APPLIED_KINDS, type AppliedKind, isApplied } from '@berth/shared/model/manifest';
import { deleteRunArrayQuerySchema } from '@berth/shared/model/run-array';
import { z } from 'zod';

/** The `next` of a page: the id of its last item. */
const page = {
  limit: pageQuerySchema.shape.limit,
  cursor: z
    .string()
    .regex(/^[a-z]+_[0-9a-z]{26}$/, 'must be the "next" of a page')
    .optional(),
};

/** `?watch=true&after=`: server-sent events of changes instead of the list. */
const watch = { watch: z.enum(['true', 'false']).optional(), after: cursorSchema.optional() };

export const idParamSchema = z.string().max(64);
export const pageQuery = z.strictObject(page);
export const runsQuery = z.strictObject({ ...listRunsQuerySchema.shape, ...page, ...watch }).superRefine(refuseFilteredWatch);
export const hostsQuery = z
  .strictObject({
    ...page,
    ...watch,
    state: z.enum(HOST_STATES).optional(),
    label: listRunsQuerySchema.shape.label,
    name: listRunsQuerySchema.shape.name,
  })
  .superRefine(refuseFilteredWatch);
export const dryRunQuery = z.strictObject(dryRunQuerySchema.shape);
export const volumesQuery = z.strictObject({
  ...page,
  name: listRunsQuerySchema.shape.name,
  host: listRunsQuerySchema.shape.host,
  label: listRunsQuerySchema.shape.label,
});
export const secretsQuery = z.strictObject({ ...page, label: listRunsQuerySchema.shape.label, name: listRunsQuerySchema.shape.name });
/** Of a deletion that would be refused. */
export const forceQuery = z.strictObject({ force: z.enum(['true', 'false']).optional() });
export const hostMapQuery = z.strictObject({ ...hostFilterSchema.shape, label: listRunsQuerySchema.shape.label });
export const eventsQuery = z.strictObject({
  ...watch,
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export const resourceEventsQuery = z.strictObject({ after: cursorSchema.optional(), limit: eventsQuery.shape.limit });
/** Of lists that are filtered by name and label. */
export const namedQuery = z.strictObject({ ...page, label: listRunsQuerySchema.shape.label, name: listRunsQuerySchema.shape.name });
export const runPullQuery = z.strictObject({ attempt: z.coerce.number().int().min(1).optional() });
export const waitQuery = z.strictObject(waitQuerySchema.shape);
export const exportQuery = z.strictObject({
  /** Comma-separated; all where absent. */
  kinds: z
    .string()
    .transform((text, context): AppliedKind[] => {
      const named = text.split(',');
      const bad = named.find((kind) => !isApplied(kind));
      if (bad === undefined) return named.filter(isApplied);
      context.addIssue({ code: 'custom', message: `"${bad}" is no kind of manifest; the kinds are ${APPLIED_KINDS.join(', ')}` });
      return z.NEVER;
    })
    .optional(),
});
export type ExportQuery = z.infer<typeof exportQuery>;
export const deleteRunArrayQuery = z.strictObject(deleteRunArrayQuerySchema.shape);
export const deleteRunQuery = z.strictObject(deleteRunQuerySchema.shape);

/** A watch gives every change: a filter that is passed over in silence would mislead. */
function refuseFilteredWatch(query: Record<string, unknown>, context: z.RefinementCtx): void {
  if (query.watch !== 'true') return;
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || ['watch', 'after', 'limit'].includes(name)) continue;
    context.addIssue({
      code: 'custom',
      path: [name],
      message: 'is not for a watch, which takes "after" and gives every change; filter what it gives',
    });
  }
}
