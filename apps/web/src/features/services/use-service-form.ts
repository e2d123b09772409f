'use client';
import type { CreateService, ServicePlan } from '@berth/shared/model/service';
import { useState } from 'react';
import { type FieldPath, useForm } from 'react-hook-form';
import { ProblemError } from '../../lib/api.ts';
import { contractErrors, refusal, type Wrong } from './service-errors.ts';
import { type Known, type ServiceValues, toService } from './service-values.ts';

export interface ServiceFormProps {
  initial: ServiceValues;
  /** What is changed, or copied: what the form does not touch stays as it is there. */
  known?: Known;
  plan: (request: CreateService) => Promise<ServicePlan>;
  apply: (request: CreateService) => Promise<void>;
}

/** Nothing is done whose plan was not shown: what is written is checked, planned, and then, as it was planned, applied. */
export function useServiceForm({ initial, known, plan, apply }: ServiceFormProps) {
  const form = useForm<ServiceValues>({ defaultValues: initial, shouldFocusError: true });
  const [planned, setPlanned] = useState<{ request: CreateService; plan: ServicePlan } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [freePort, setFreePort] = useState<number | null>(null);
  const [applying, setApplying] = useState(false);

  /** Puts each error at its field; what has no field is said at the top. */
  const show = ({ placed, rest }: Wrong) => {
    setPlanned(null);
    for (const [index, { field, message }] of placed.entries()) {
      form.setError(field as FieldPath<ServiceValues>, { message }, { shouldFocus: index === 0 });
    }
    setProblem(rest.length > 0 ? rest.join(' ') : null);
  };
  const refuse = (cause: unknown, values: ServiceValues) => {
    if (!(cause instanceof ProblemError)) throw cause;
    setFreePort(cause.problem.code === 'host-port-taken' ? (cause.problem.freeHostPort ?? null) : null);
    show(refusal(cause.problem, values));
  };

  const showPlan = form.handleSubmit(async (values) => {
    setProblem(null);
    setFreePort(null);
    const { request, errors } = toService(values, known);
    const wrong = await contractErrors(request, values);
    if (errors.length + wrong.placed.length + wrong.rest.length > 0) return show({ ...wrong, placed: [...errors, ...wrong.placed] });
    try {
      setPlanned({ request, plan: await plan(request) });
    } catch (cause) {
      refuse(cause, values);
    }
  });

  const applyPlan = async () => {
    if (!planned || applying) return;
    setApplying(true);
    try {
      await apply(planned.request);
    } catch (cause) {
      refuse(cause, form.getValues());
    } finally {
      setApplying(false);
    }
  };
  return {
    form,
    planned,
    problem,
    freePort,
    applying,
    showPlan,
    applyPlan,
    takePort: () => setFreePort(null),
    clear: () => setProblem(null),
  };
}
