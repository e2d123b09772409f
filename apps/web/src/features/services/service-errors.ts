/** What the contract refuses of a service that was written in the form, at its fields. */
import type { CreateService } from '@berth/shared/model/service';
import { type Wrong, wrongBy } from '../runs/wrong-fields.ts';
import { type ServiceValues, serviceFieldOf } from './service-values.ts';

/** The validator is large, and needed only now. */
export async function contractErrors(request: CreateService, values: ServiceValues): Promise<Wrong> {
  const { createServiceSchema } = await import('@berth/shared/model/service');
  return wrongBy(createServiceSchema.safeParse(request).error?.issues ?? [], values, serviceFieldOf);
}
