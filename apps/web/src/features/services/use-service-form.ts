'use client';
import type { CreateService, ServicePlan } from '@berth/shared/model/service';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useWrongFields } from '../runs/use-wrong-fields.ts';
import { isNothing, together } from '../runs/wrong-fields.ts';
import { contractErrors } from './service-errors.ts';
import { type Known, type ServiceValues, serviceFieldOf, toService } from './service-values.ts';

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
  const [applying, setApplying] = useState(false);
  const { problem, freePort, takePort, show, refuse, clear } = useWrongFields(form, serviceFieldOf);

  const showPlan = form.handleSubmit(async (values) => {
    clear();
    const { request, errors } = toService(values, known);
    const wrong = together(errors, await contractErrors(request, values));
    if (!isNothing(wrong)) {
      setPlanned(null);
      return show(wrong);
    }
    try {
      setPlanned({ request, plan: await plan(request) });
    } catch (cause) {
      setPlanned(null);
      refuse(cause, values);
    }
  });

  const applyPlan = async () => {
    if (!planned || applying) return;
    setApplying(true);
    try {
      await apply(planned.request);
    } catch (cause) {
      setPlanned(null);
      refuse(cause, form.getValues());
    } finally {
      setApplying(false);
    }
  };
  return { form, planned, problem, freePort, applying, showPlan, applyPlan, takePort, clear };
}
