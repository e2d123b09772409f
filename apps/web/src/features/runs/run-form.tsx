'use client';
import type { CreateRun } from '@berth/shared/model/run';
import { useQueryClient } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { FormProvider, useForm, useWatch } from 'react-hook-form';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Failure } from '../../ui/failure.tsx';
import { curlLine } from './curl-line.ts';
import { type FormValues, fieldOf, fromRequest, toRequest } from './form-values.ts';
import { PasteBox } from './paste-box.tsx';
import { FormErrors, TextField } from './run-form-fields.tsx';
import { MoreSettings } from './run-form-more.tsx';
import { PlacementSettings } from './run-form-placement.tsx';
import { PairRows, PortRows } from './run-form-rows.tsx';
import { SecretRows } from './run-form-secrets.tsx';
import { VolumeRows } from './run-form-volumes.tsx';
import { useWrongFields } from './use-wrong-fields.ts';
import { isNothing, together, type Wrong, wrongBy } from './wrong-fields.ts';

export function RunForm({ initial, pasted, workspace }: { initial: FormValues; pasted: string; workspace: string }) {
  const router = useRouter();
  const cache = useQueryClient();
  const form = useForm<FormValues>({ defaultValues: initial, shouldFocusError: true });
  const { problem, freePort, takePort, show, refuse, clear } = useWrongFields(form, fieldOf);

  const submit = form.handleSubmit(async (values) => {
    clear();
    const { request, errors } = toRequest(values);
    const wrong = together(errors, await contractErrors(request, values));
    if (!isNothing(wrong)) return show(wrong);
    try {
      const run = await api.createRun(workspace, request);
      cache.setQueryData(queryKeys.run(workspace, run.metadata.id), run);
      router.push(paths.run(workspace, run.metadata.id));
      await new Promise(() => {}); // stays busy until the run's page is there
    } catch (cause) {
      refuse(cause, values);
    }
  });

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
              clear();
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
          <PortRows freePort={freePort} onTake={takePort} />
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
async function contractErrors(request: CreateRun, values: FormValues): Promise<Wrong> {
  const { createRunSchema } = await import('@berth/shared/model/run');
  return wrongBy(createRunSchema.safeParse(request).error?.issues ?? [], values, fieldOf);
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
