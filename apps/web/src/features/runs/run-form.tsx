'use client';
import { useQueryClient } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { type FieldPath, FormProvider, useForm, useWatch } from 'react-hook-form';
import { api, ProblemError } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Failure } from '../../ui/failure.tsx';
import { curlLine } from './curl-line.ts';
import { type FieldError, type FormValues, fieldOf, fromRequest, toRequest } from './form-values.ts';
import { PasteBox } from './paste-box.tsx';
import { FormErrors, TextField } from './run-form-fields.tsx';
import { MoreSettings } from './run-form-more.tsx';
import { PlacementSettings } from './run-form-placement.tsx';
import { PairRows, PortRows } from './run-form-rows.tsx';
import { SecretRows } from './run-form-secrets.tsx';
import { VolumeRows } from './run-form-volumes.tsx';
import { portAt } from './taken-port.ts';

export function RunForm({ initial, pasted, workspace }: { initial: FormValues; pasted: string; workspace: string }) {
  const router = useRouter();
  const cache = useQueryClient();
  const form = useForm<FormValues>({ defaultValues: initial, shouldFocusError: true });
  const [problem, setProblem] = useState<string | null>(null);
  const [freePort, setFreePort] = useState<number | null>(null);

  /** Puts each error at its field; what has no field is said at the top. */
  const show = (errors: FieldError[], rest: string[]) => {
    for (const [index, error] of errors.entries()) {
      form.setError(error.field as FieldPath<FormValues>, { message: error.message }, { shouldFocus: index === 0 });
    }
    setProblem(rest.length > 0 ? rest.join(' ') : null);
  };

  const submit = form.handleSubmit(async (values) => {
    setProblem(null);
    setFreePort(null);
    const { request, errors } = toRequest(values);
    const problems = [...errors, ...(await contractErrors(request, values))];
    const placed = problems.filter((error) => error.field !== '');
    if (problems.length > 0)
      return show(
        placed,
        problems.filter((error) => error.field === '').map((error) => error.message),
      );
    try {
      const run = await api.createRun(workspace, request);
      cache.setQueryData(queryKeys.run(workspace, run.metadata.id), run);
      router.push(paths.run(workspace, run.metadata.id));
      await new Promise(() => {}); // stays busy until the run's page is there
    } catch (cause) {
      if (!(cause instanceof ProblemError)) throw cause;
      refuse(cause, values);
    }
  });

  const refuse = ({ problem: given }: ProblemError, values: FormValues) => {
    const errors = (given.errors ?? []).map(({ path, message }) => ({ field: fieldOf(path, values) ?? '', message: `${message}`, path }));
    if (given.code === 'host-port-taken') {
      const index = portAt(errors, given.detail, values);
      setFreePort(given.freeHostPort ?? null);
      return show([{ field: `ports.${index}.hostPort`, message: given.detail }], []);
    }
    const placed = errors.filter((error) => error.field !== '');
    const rest = errors.filter((error) => error.field === '').map((error) => `${error.path}: ${error.message}.`);
    show(placed, placed.length === 0 && rest.length === 0 ? [given.detail] : rest);
  };

  return (
    <FormProvider {...form}>
      <form
        onSubmit={(event) => void submit(event)}
        noValidate
        className="grid gap-x-8 gap-y-6 px-4 pb-8 md:px-6 xl:grid-cols-[minmax(0,640px)_minmax(0,1fr)]"
      >
        <div className="flex min-w-0 flex-col gap-5">
          <PasteBox
            initial={pasted}
            onRun={(run) => {
              setProblem(null);
              form.reset(fromRequest(run));
            }}
          />
          {problem && <Failure>{problem}</Failure>}
          <TextField name="image" label="Image" placeholder="hello-world, nginx:1.29, ghcr.io/team/app@sha256:…" mono autoFocus />
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField name="command" label="Command" hint="Replaces the image's entrypoint." mono />
            <TextField name="args" label="Arguments" hint="Replace the image's command." mono />
          </div>
          <PairRows name="env" title="Environment" noun="variable" placeholder={['NAME', 'value']} />
          <SecretRows />
          <PortRows freePort={freePort} onTake={() => setFreePort(null)} />
          <VolumeRows />
          <MoreSettings />
          <PlacementSettings />
          <FormErrors />
          <div>
            <Button kind="primary" type="submit" busy={form.formState.isSubmitting}>
              <Play size={13} aria-hidden="true" />
              {form.formState.isSubmitting ? 'Starting…' : 'Run'}
            </Button>
          </div>
        </div>
        <Equivalent workspace={workspace} />
      </form>
    </FormProvider>
  );
}

/** The validator is large, and needed only now. */
async function contractErrors(request: unknown, values: FormValues): Promise<FieldError[]> {
  const { createRunSchema } = await import('@berth/shared/model/run');
  const parsed = createRunSchema.safeParse(request);
  return (parsed.error?.issues ?? []).map((issue) => {
    const path = issue.path.join('.');
    const field = fieldOf(path, values) ?? '';
    const message =
      issue.code === 'invalid_type' ? `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}` : issue.message;
    return { field, message: field === '' ? `${path}: ${message}` : message };
  });
}

function Equivalent({ workspace }: { workspace: string }) {
  const values = useWatch<FormValues>() as FormValues;
  const origin = useOrigin();
  return (
    <aside aria-label="The same from a terminal" className="min-w-0">
      <div className="xl:sticky xl:top-2">
        <h2 className="mb-2 font-medium">The same from a terminal</h2>
        <Code label="the curl line" text={curlLine(origin, workspace, toRequest(values).request)} />
        <p className="mt-2 text-sm text-muted">A token for it can be made under Tokens.</p>
      </div>
    </aside>
  );
}
