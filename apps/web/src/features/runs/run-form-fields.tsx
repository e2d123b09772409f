'use client';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { type FieldPath, type FieldValues, get, useFormContext } from 'react-hook-form';
import { Field } from '../../ui/field.tsx';
import type { FormValues } from './form-values.ts';

interface TextFieldProps<Values extends FieldValues> {
  name: FieldPath<Values>;
  label: string;
  hint?: ReactNode;
  placeholder?: string;
  mono?: boolean;
  autoFocus?: boolean;
  inputMode?: 'numeric';
  readOnly?: boolean;
  /** The id of a list of suggestions. */
  list?: string;
  /** What is known to be wrong before the form is sent. */
  error?: string;
}

/** `Values`: of the form that it is in. */
export function TextField<Values extends FieldValues = FormValues>({
  name,
  label,
  hint,
  placeholder,
  mono,
  autoFocus,
  inputMode,
  readOnly,
  list,
  error,
}: TextFieldProps<Values>) {
  const { register, formState } = useFormContext<Values>();
  return (
    <Field label={label} hint={hint} error={messageAt(formState.errors, name) ?? (error && sentence(error))}>
      {(ids) => (
        <input
          {...ids}
          {...register(name)}
          placeholder={placeholder}
          // biome-ignore lint/a11y/noAutofocus: the page was opened to write here
          autoFocus={autoFocus}
          inputMode={inputMode}
          readOnly={readOnly}
          list={list}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className={clsx('field', mono && 'font-mono text-sm')}
        />
      )}
    </Field>
  );
}

/** What is wrong at a field, as a sentence. */
export function messageAt(errors: object, name: string): string | undefined {
  const message: unknown = get(errors, `${name}.message`);
  return typeof message === 'string' && message !== '' ? sentence(message) : undefined;
}

/** One that begins with the name of a host keeps it as it is. */
function sentence(message: string): string {
  return / (does|do) not allow /.test(message) ? message : message.charAt(0).toUpperCase() + message.slice(1);
}

/** Counts what is wrong beside the button, so that a reader far from the field knows. */
export function FormErrors() {
  const { formState } = useFormContext<FormValues>();
  const count = countMessages(formState.errors);
  return (
    <p role="status" className="text-state-red empty:hidden">
      {count > 0 && (count === 1 ? 'One field needs a change.' : `${count} fields need a change.`)}
    </p>
  );
}

function countMessages(errors: unknown): number {
  if (typeof errors !== 'object' || errors === null) return 0;
  if ('message' in errors && typeof errors.message === 'string') return 1;
  return Object.entries(errors).reduce((sum, [key, value]) => sum + (key === 'ref' ? 0 : countMessages(value)), 0);
}
