'use client';
import { useQueryClient } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { FormProvider, useForm, useWatch } from 'react-hook-form';
import { api } from '../../lib/api.ts';
import { apiPaths, paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Failure } from '../../ui/failure.tsx';
import { type ArrayValues, arrayFieldOf, isArray, NO_ARRAY, toArray } from './array-values.ts';
import { curlLine, curlPost } from './curl-line.ts';
import { fromRequest, toRequest } from './form-values.ts';
import { PasteBox } from './paste-box.tsx';
import { FormErrors, TextField } from './run-form-fields.tsx';
import { MoreSettings } from './run-form-more.tsx';
import { PlacementSettings } from './run-form-placement.tsx';
import { PairRows, PortRows } from './run-form-rows.tsx';
import { SecretRows } from './run-form-secrets.tsx';
import { SeveralSettings } from './run-form-several.tsx';
import { VolumeRows } from './run-form-volumes.tsx';
import { useWrongFields } from './use-wrong-fields.ts';
import { isNothing, together, wrongBy } from './wrong-fields.ts';

export function RunForm({ initial, pasted, workspace }: { initial: ArrayValues; pasted: string; workspace: string }) {
  const router = useRouter();
  const cache = useQueryClient();
  const form = useForm<ArrayValues>({ defaultValues: initial, shouldFocusError: true });
  const { problem, freePort, takePort, show, refuse, clear } = useWrongFields(form, arrayFieldOf);

  /** Answers where it can be looked at. */
  const startOne = async (values: ArrayValues): Promise<string> => {
    const run = await api.createRun(workspace, toRequest(values).request);
    cache.setQueryData(queryKeys.run(workspace, run.metadata.id), run);
    return paths.run(workspace, run.metadata.id);
  };
  const startSeveral = async (values: ArrayValues): Promise<string> => {
    const array = await api.createRunArray(workspace, toArray(values).request);
    cache.setQueryData(queryKeys.runArray(workspace, array.metadata.id), array);
    return paths.runArray(workspace, array.metadata.id);
  };
  const submit = form.handleSubmit(async (values) => {
    clear();
    const wrong = await wrongIn(values);
    if (!isNothing(wrong)) return show(wrong);
    try {
      router.push(await (isArray(values) ? startSeveral(values) : startOne(values)));
      await new Promise(() => {}); // stays busy until the page is there
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
              form.reset({ ...fromRequest(run), ...NO_ARRAY });
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
          <SeveralSettings />
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
async function wrongIn(values: ArrayValues) {
  const { createRunSchema } = await import('@berth/shared/model/run');
  const { createRunArraySchema } = await import('@berth/shared/model/run-array');
  const { request, errors } = isArray(values) ? toArray(values) : toRequest(values);
  const { error } = (isArray(values) ? createRunArraySchema : createRunSchema).safeParse(request);
  return together(errors, wrongBy(error?.issues ?? [], values, arrayFieldOf));
}

function Equivalent({ workspace }: { workspace: string }) {
  const values = useWatch<ArrayValues>() as ArrayValues;
  const origin = useOrigin();
  const line = isArray(values)
    ? curlPost(`${origin}${apiPaths.runArrays(workspace)}`, toArray(values).request)
    : curlLine(origin, workspace, toRequest(values).request);
  return (
    <aside aria-label="The same from a terminal" className="min-w-0">
      <div className="xl:sticky xl:top-2">
        <h2 className="mb-2 font-medium">The same from a terminal</h2>
        <Code label="the curl line" text={line} />
        <p className="mt-2 text-sm text-muted">A token for it can be made under Tokens.</p>
      </div>
    </aside>
  );
}
