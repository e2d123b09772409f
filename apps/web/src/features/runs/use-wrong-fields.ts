'use client';
import { useState } from 'react';
import type { FieldPath, UseFormReturn } from 'react-hook-form';
import { ProblemError } from '../../lib/api.ts';
import type { FormValues } from './form-values.ts';
import { type FieldOf, refusal, type Wrong } from './wrong-fields.ts';

/** Shows what is wrong: each error at its field; what has no field is said at the top. */
export function useWrongFields<Values extends FormValues>(form: UseFormReturn<Values>, fieldOf: FieldOf<Values>) {
  const [problem, setProblem] = useState<string | null>(null);
  const [freePort, setFreePort] = useState<number | null>(null);
  const show = ({ placed, rest }: Wrong) => {
    for (const [index, { field, message }] of placed.entries()) {
      form.setError(field as FieldPath<Values>, { message }, { shouldFocus: index === 0 });
    }
    setProblem(rest.length > 0 ? rest.join(' ') : null);
  };
  return {
    problem,
    /** What the server offers instead of a taken port. */
    freePort,
    takePort: () => setFreePort(null),
    show,
    /** Throws on what is no answer of the server. */
    refuse: (cause: unknown, values: Values) => {
      if (!(cause instanceof ProblemError)) throw cause;
      setFreePort(cause.problem.code === 'host-port-taken' ? (cause.problem.freeHostPort ?? null) : null);
      show(refusal(cause.problem, values, fieldOf));
    },
    clear: () => {
      setProblem(null);
      setFreePort(null);
    },
  };
}
