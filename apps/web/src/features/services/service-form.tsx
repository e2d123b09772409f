'use client';
import { ListChecks } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { FormProvider, useWatch } from 'react-hook-form';
import { apiPaths } from '../../lib/paths.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Failure } from '../../ui/failure.tsx';
import { curlPost } from '../runs/curl-line.ts';
import { PasteBox } from '../runs/paste-box.tsx';
import { FormErrors, TextField } from '../runs/run-form-fields.tsx';
import { MoreSettings } from '../runs/run-form-more.tsx';
import { PlacementSettings } from '../runs/run-form-placement.tsx';
import { PairRows, PortRows } from '../runs/run-form-rows.tsx';
import { SecretRows } from '../runs/run-form-secrets.tsx';
import { VolumeRows } from '../runs/run-form-volumes.tsx';
import { PlanView } from './plan-view.tsx';
import { RouteRows } from './service-form-routes.tsx';
import { RolloutSettings, ScalingSettings } from './service-form-settings.tsx';
import { fromService, type Known, type ServiceValues, toService } from './service-values.ts';
import { type ServiceFormProps, useServiceForm } from './use-service-form.ts';

interface Props extends ServiceFormProps {
  workspace: string;
  /** It is new: it gets a name, and may be pasted. */
  isNew: boolean;
}

/** A service's spec. Its plan is shown before it is applied, and only what was planned is. */
export function ServiceForm({ workspace, isNew, ...props }: Props) {
  const { form, planned, problem, freePort, applying, showPlan, applyPlan, takePort, clear } = useServiceForm(props);
  return (
    <FormProvider {...form}>
      <form
        aria-label={isNew ? 'New service' : 'Edit the service'}
        onSubmit={(event) => void showPlan(event)}
        noValidate
        className="grid gap-x-8 gap-y-6 px-4 pb-8 md:px-6 xl:grid-cols-[minmax(0,640px)_minmax(0,1fr)]"
      >
        <div className="flex min-w-0 flex-col gap-5">
          {isNew && (
            <PasteBox
              initial=""
              onRun={({ metadata, spec }) => {
                clear();
                const { name, replicas } = form.getValues();
                const template = { labels: metadata?.labels, spec };
                form.reset({ ...fromService({ metadata: { name: metadata?.name ?? name }, spec: { template } }), replicas });
              }}
            />
          )}
          {problem && <Failure>{problem}</Failure>}
          <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_112px]">
            {isNew && <TextField<ServiceValues> name="name" label="Name" placeholder="web" mono autoFocus />}
            <TextField<ServiceValues> name="replicas" label="Replicas" placeholder="1" inputMode="numeric" mono />
          </div>
          <TextField<ServiceValues> name="image" label="Image" placeholder="nginx:1.29, ghcr.io/team/app@sha256:…" mono />
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField<ServiceValues> name="command" label="Command" hint="Replaces the image's entrypoint." mono />
            <TextField<ServiceValues> name="args" label="Arguments" hint="Replace the image's command." mono />
          </div>
          <PairRows name="env" title="Environment" noun="variable" placeholder={['NAME', 'value']} />
          <SecretRows />
          <PortRows freePort={freePort} onTake={takePort} />
          <RouteRows />
          <VolumeRows />
          <RolloutSettings />
          <ScalingSettings />
          <MoreSettings of="service" />
          <PlacementSettings of="service" />
          <FormErrors />
          <div>
            <Button kind={planned ? 'plain' : 'primary'} type="submit" busy={form.formState.isSubmitting}>
              <ListChecks size={14} aria-hidden="true" />
              {form.formState.isSubmitting ? 'Planning…' : 'Show the plan'}
            </Button>
          </div>
          <div aria-live="polite">
            {planned && (
              <Planned planned={planned} known={props.known}>
                <Button kind="primary" busy={applying} onClick={() => void applyPlan()}>
                  {isNew ? 'Create the service' : 'Apply'}
                </Button>
              </Planned>
            )}
          </div>
        </div>
        {isNew && <Equivalent workspace={workspace} known={props.known} />}
      </form>
    </FormProvider>
  );
}

interface PlannedProps {
  planned: NonNullable<ReturnType<typeof useServiceForm>['planned']>;
  known: Known | undefined;
  children: React.ReactNode;
}

/** Only as long as the form still says what was planned. */
function Planned({ planned, known, children }: PlannedProps) {
  const values = useWatch<ServiceValues>() as ServiceValues;
  const shown = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each plan
  useEffect(() => {
    // What it answers, a promise in newer browsers, is no way to clean up.
    void shown.current?.scrollIntoView({ block: 'nearest' });
  }, [planned]);
  if (JSON.stringify(toService(values, known).request) !== JSON.stringify(planned.request)) {
    return <p className="text-muted">The form was changed since: show its plan again.</p>;
  }
  return (
    <div ref={shown} className="flex scroll-mb-4 flex-col items-start gap-3">
      <div className="w-full">
        <PlanView plan={planned.plan} />
      </div>
      {children}
    </div>
  );
}

function Equivalent({ workspace, known }: { workspace: string; known: Known | undefined }) {
  const values = useWatch<ServiceValues>() as ServiceValues;
  const origin = useOrigin();
  return (
    <aside aria-label="The same from a terminal" className="min-w-0">
      <div className="xl:sticky xl:top-2">
        <h2 className="mb-2 font-medium">The same from a terminal</h2>
        <Code label="the curl line" text={curlPost(`${origin}${apiPaths.services(workspace)}`, toService(values, known).request)} />
        <p className="mt-2 text-sm text-muted">With ?dryRun=true it only says what it would do. A token for it can be made under Tokens.</p>
      </div>
    </aside>
  );
}
