'use client';
import { useFormContext } from 'react-hook-form';
import { Field } from '../../ui/field.tsx';
import type { FormValues, TemplateOf } from './form-values.ts';
import { BeyondOrdinary } from './run-form-beyond.tsx';
import { messageAt, TextField } from './run-form-fields.tsx';
import { PairRows } from './run-form-rows.tsx';

const FOLDED = [
  'name',
  'labels',
  'cpu',
  'memory',
  'workingDir',
  'user',
  'stopSignal',
  'stopGracePeriodSeconds',
  'timeoutSeconds',
  'ttlSecondsAfterFinished',
  'pullPolicy',
  'restartPolicy',
  'maxRetries',
  'onHostLost',
  'hostLostAfterSeconds',
  'healthCommand',
  'healthInterval',
  'healthTimeout',
  'healthRetries',
  'healthStartPeriod',
  'healthDisabled',
  'pids',
  'hostname',
  'tmpfs',
  'extraHosts',
  'init',
  'readOnlyRootFilesystem',
  'workspaceNetwork',
  'tty',
  'stdin',
  'stdinOnce',
  'privileged',
  'hostNetwork',
  'capAdd',
  'capDrop',
  'mounts',
] as const;

const SWITCHES = [
  ['tty', 'Give it a terminal (tty)'],
  ['stdin', 'Keep its standard input open, to be typed into (stdin)'],
  ['stdinOnce', 'Its standard input can be ended (stdinOnce)'],
  ['init', 'An init process: reaps orphans, passes signals on'],
  ['readOnlyRootFilesystem', 'Read-only root file system'],
  ['workspaceNetwork', 'In the private network of the workspace: names of runs and services resolve'],
] as const;

/** What is said at another place there, or is of no use. */
const NOT_OF: Record<TemplateOf, readonly string[]> = {
  run: [],
  service: ['name', 'timeoutSeconds', 'ttlSecondsAfterFinished'],
  schedule: ['name'],
};

/** What most runs do without; open where something in it is set or wrong. */
export function MoreSettings({ of = 'run' }: { of?: TemplateOf }) {
  const ofReplicas = of === 'service';
  const { register, formState, getValues } = useFormContext<FormValues>();
  const values = getValues();
  const folded = FOLDED.filter((name) => !NOT_OF[of].includes(name));
  const set = folded.some((name) => (typeof values[name] === 'boolean' ? values[name] : values[name].length > 0));
  const wrong = folded.some((name) => formState.errors[name] !== undefined);
  return (
    <details open={set || wrong || undefined} className="group rounded-lg border border-line">
      <summary className="list-none px-3 py-2 font-medium">
        <span aria-hidden="true" className="mr-2 inline-block text-muted transition-transform group-open:rotate-90">
          ›
        </span>
        {of === 'run' ? 'Name, limits and more' : 'Limits, health and more'}
      </summary>
      <div className="flex flex-col gap-4 border-t border-line p-3">
        <div className="grid gap-4 sm:grid-cols-2">
          {of === 'run' && <TextField name="name" label="Name" hint="One is made up where this is empty." mono />}
          <Field label="Pull policy" error={messageAt(formState.errors, 'pullPolicy')}>
            {(ids) => (
              <select {...ids} {...register('pullPolicy')} className="field">
                <option value="">By the tag: always for latest</option>
                <option value="always">Always</option>
                <option value="if-not-present">If not present</option>
                <option value="never">Never</option>
              </select>
            )}
          </Field>
          <Field label="Started again" error={messageAt(formState.errors, 'restartPolicy')}>
            {(ids) => (
              <select {...ids} {...register('restartPolicy')} className="field">
                <option value="">{ofReplicas ? 'Always, until it is stopped' : 'Never: it ends when its container ends'}</option>
                <option value="on-failure">On failure: after an exit other than 0</option>
                {ofReplicas ? (
                  <option value="never">Never: another replica takes its place</option>
                ) : (
                  <option value="always">Always, until it is stopped</option>
                )}
              </select>
            )}
          </Field>
          <TextField
            name="maxRetries"
            label="Most restarts"
            placeholder="5"
            hint="One after the other, on failure only; no limit where empty."
            inputMode="numeric"
            mono
          />
          <Field
            label="If its host is lost"
            error={messageAt(formState.errors, 'onHostLost')}
            hint="Two may run for a while where it is placed on another, unless a host that is cut off stops it first."
          >
            {(ids) => (
              <select {...ids} {...register('onHostLost')} className="field">
                <option value="">{ofReplicas ? 'Place it on another host' : 'Wait for it: it runs at most once'}</option>
                {ofReplicas ? (
                  <option value="wait">Wait for it: each runs at most once</option>
                ) : (
                  <option value="replace">Place it on another host</option>
                )}
                <option value="fence">Place it on another host; a cut-off one stops it first</option>
              </select>
            )}
          </Field>
          <TextField
            name="hostLostAfterSeconds"
            label="Lost after"
            placeholder="300"
            hint="Seconds without a sign of its host; as Berth is set up where empty."
            inputMode="numeric"
            mono
          />
          <TextField name="cpu" label="CPU" placeholder="0.5 or 500m" hint="Cores: reserved, and the limit." mono />
          <TextField name="memory" label="Memory" placeholder="64Mi" hint="Reserved, and the limit." mono />
          <TextField
            name="pids"
            label="Processes"
            placeholder="100"
            hint="So many at once; no limit where empty."
            inputMode="numeric"
            mono
          />
          <TextField name="hostname" label="Host name" placeholder="db-1" hint="As it sees itself; its id where empty." mono />
          <TextField name="workingDir" label="Working directory" placeholder="/app" mono />
          <TextField name="user" label="User" placeholder="1000:1000" mono />
          <TextField name="stopSignal" label="Stop signal" placeholder="SIGTERM" mono />
          <TextField
            name="stopGracePeriodSeconds"
            label="Stop grace period"
            placeholder="10"
            hint="Seconds from the signal to the kill."
            inputMode="numeric"
            mono
          />
          {!ofReplicas && (
            <>
              <TextField
                name="timeoutSeconds"
                label="Time-out"
                hint="Seconds that it may run; no limit where empty."
                inputMode="numeric"
                mono
              />
              <TextField
                name="ttlSecondsAfterFinished"
                label="Kept after its end"
                hint="Seconds; then it is removed with its log. Kept where empty."
                inputMode="numeric"
                mono
              />
            </>
          )}
        </div>
        <div className="flex flex-col gap-2">
          {SWITCHES.map(([name, words]) => (
            <label key={name} className="flex items-center gap-2">
              <input type="checkbox" {...register(name)} className="size-4 accent-accent-fill" />
              {words}
            </label>
          ))}
        </div>
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-3 font-medium">Health check</legend>
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              name="healthCommand"
              label="Command"
              placeholder="curl -f http://localhost/"
              hint="The image's own where empty."
              mono
            />
            <TextField name="healthInterval" label="Every" placeholder="30" hint="Seconds between checks." inputMode="numeric" mono />
            <TextField name="healthTimeout" label="Time for one check" placeholder="30" hint="Seconds." inputMode="numeric" mono />
            <TextField
              name="healthRetries"
              label="Failures"
              placeholder="3"
              hint="In a row, until it is unhealthy."
              inputMode="numeric"
              mono
            />
            <TextField
              name="healthStartPeriod"
              label="Start period"
              placeholder="0"
              hint="Seconds in which failures do not count."
              inputMode="numeric"
              mono
            />
          </div>
          <label className="flex items-center gap-2">
            <input type="checkbox" {...register('healthDisabled')} className="size-4 accent-accent-fill" />
            No health check at all
          </label>
        </fieldset>
        <BeyondOrdinary />
        <PairRows name="tmpfs" title="File systems in memory" noun="tmpfs" placeholder={['/tmp', '64Mi']} />
        <PairRows name="extraHosts" title="Names in /etc/hosts" noun="host name" placeholder={['db', '10.0.0.5']} />
        <PairRows name="labels" title="Labels" noun="label" placeholder={['key', 'value']} />
      </div>
    </details>
  );
}
