/** The queries of the routes: those of the contracts, with unknown names refused. */
import { cursorSchema } from '@berth/shared/events/event';
import { deleteRunQuerySchema, listRunsQuerySchema, logsQuerySchema, pageQuerySchema, waitQuerySchema } from '@berth/shared/http/lists';
import { HOST_STATES } from '@berth/shared/model/host';
import { z } from 'zod';

/** `?watch=true&after=`: server-sent events of changes instead of the list. */
const watch = { watch: z.enum(['true', 'false']).optional(), after: cursorSchema.optional() };

export const idParamSchema = z.string().max(64);
export const pageQuery = z.strictObject(pageQuerySchema.shape);
export const runsQuery = z.strictObject({ ...listRunsQuerySchema.shape, ...watch });
export const hostsQuery = z.strictObject({
  ...pageQuerySchema.shape,
  ...watch,
  state: z.enum(HOST_STATES).optional(),
  label: listRunsQuerySchema.shape.label,
  name: listRunsQuerySchema.shape.name,
});
export const eventsQuery = z.strictObject({
  ...watch,
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export const runEventsQuery = z.strictObject({ after: cursorSchema.optional(), limit: eventsQuery.shape.limit });
export const waitQuery = z.strictObject(waitQuerySchema.shape);
export const logsQuery = z.strictObject(logsQuerySchema.shape);
export const deleteRunQuery = z.strictObject(deleteRunQuerySchema.shape);
