/** What is wrong with a service that was written in the form, at its fields. */
import type { Problem } from '@berth/shared/errors/problem';
import type { CreateService } from '@berth/shared/model/service';
import type { FieldError } from '../runs/form-values.ts';
import { portAt } from '../runs/taken-port.ts';
import { type ServiceValues, serviceFieldOf } from './service-values.ts';

export interface Wrong {
  placed: FieldError[];
  /** What has no field. */
  rest: string[];
}

/** The validator is large, and needed only now. */
export async function contractErrors(request: CreateService, values: ServiceValues): Promise<Wrong> {
  const { createServiceSchema } = await import('@berth/shared/model/service');
  const issues = createServiceSchema.safeParse(request).error?.issues ?? [];
  const told = issues.map((issue) => ({
    path: issue.path.join('.'),
    message: issue.code === 'invalid_type' ? `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}` : issue.message,
  }));
  return place(told, values);
}

/** What the server refused. */
export function refusal({ errors = [], code, detail }: Partial<Problem> & { detail: string }, values: ServiceValues): Wrong {
  if (code === 'host-port-taken') {
    const named = errors.map(({ path }) => ({ field: serviceFieldOf(path, values) ?? '' }));
    return { placed: [{ field: `ports.${portAt(named, detail, values)}.hostPort`, message: detail }], rest: [] };
  }
  const wrong = place(errors, values);
  return wrong.placed.length + wrong.rest.length === 0 ? { placed: [], rest: [detail] } : wrong;
}

function place(errors: readonly { path: string; message: string }[], values: ServiceValues): Wrong {
  const wrong: Wrong = { placed: [], rest: [] };
  for (const { path, message } of errors) {
    const field = serviceFieldOf(path, values);
    if (field === null) wrong.rest.push(`${path}: ${message}.`);
    else wrong.placed.push({ field, message });
  }
  return wrong;
}
