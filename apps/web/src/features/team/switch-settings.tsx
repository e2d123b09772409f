'use client';
import type { Settings, UpdateSettings } from '@berth/shared/http/settings';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Failure } from '../../ui/failure.tsx';

interface Switch {
  label: string;
  hint: string;
  isOn: (settings: Settings) => boolean;
  set: (on: boolean) => UpdateSettings;
}

const RUNS: Switch[] = [
  {
    label: 'Runs are in the private network of the workspace',
    hint: 'Those that name no network find one another by name then. A container starts some tenths of a second later in it. Replicas of services are in it in any case, and so are all runs on an engine that another workspace uses, too.',
    isOn: ({ networks }) => networks.runs === 'workspace',
    set: (on) => ({ networks: { runs: on ? 'workspace' : 'engine' } }),
  },
  {
    label: 'Runs make volumes',
    hint: 'A run that names a volume which is not there makes it, as docker run does. Otherwise it is refused, with the name.',
    isOn: ({ volumes }) => volumes.madeByRuns,
    set: (madeByRuns) => ({ volumes: { madeByRuns } }),
  },
];

const HOSTS: Switch[] = [
  {
    label: 'New hosts need approval',
    hint: 'Whoever has a join token can add a host; it gets no run before somebody approves it on its page. Those that are here stay as they are.',
    isOn: ({ hosts }) => hosts.needApproval,
    set: (needApproval) => ({ hosts: { needApproval } }),
  },
];

/** Saved as they are ticked. */
export function SwitchSettings({ workspace, settings }: { workspace: string; settings: Settings }) {
  return (
    <>
      <Switches title="Runs" switches={RUNS} workspace={workspace} settings={settings} />
      <Switches title="Hosts" switches={HOSTS} workspace={workspace} settings={settings} />
    </>
  );
}

interface SwitchesProps {
  title: string;
  switches: readonly Switch[];
  workspace: string;
  settings: Settings;
}

function Switches({ title, switches, workspace, settings }: SwitchesProps) {
  const id = `${title.toLowerCase()}-settings`;
  return (
    <section aria-labelledby={id} className="mx-4 flex max-w-md flex-col gap-4 md:mx-6">
      <h2 id={id} className="text-lg font-semibold">
        {title}
      </h2>
      {switches.map((one) => (
        <OneSwitch key={one.label} {...one} workspace={workspace} settings={settings} />
      ))}
    </section>
  );
}

function OneSwitch({ label, hint, isOn, set, workspace, settings }: Switch & { workspace: string; settings: Settings }) {
  const cache = useQueryClient();
  const saved = isOn(settings);
  // Its own state, set within the click: that of the mutation comes a moment later, and the box would go back until then.
  const [ticked, setTicked] = useState(saved);
  useEffect(() => setTicked(saved), [saved]);
  const key = queryKeys.settings(workspace);
  const save = useMutation({
    mutationKey: key,
    // One after another, in the order of the clicks.
    scope: { id: key.join(' ') },
    mutationFn: (on: boolean) => api.updateSettings(workspace, set(on)),
    // What one answers is out of date where another one waits behind it.
    onSuccess: (now) => cache.isMutating({ mutationKey: key }) === 1 && cache.setQueryData(key, now),
    onError: () => {
      setTicked(saved);
      return cache.invalidateQueries({ queryKey: key });
    },
  });
  return (
    <div className="flex flex-col gap-2">
      {save.error && <Failure>{save.error.message}</Failure>}
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          checked={ticked}
          onChange={(event) => {
            setTicked(event.target.checked);
            save.mutate(event.target.checked);
          }}
          className="mt-0.5 size-4 shrink-0 accent-accent-fill"
        />
        <span>
          {label}
          <span className="block text-sm text-muted">{hint}</span>
        </span>
      </label>
    </div>
  );
}
