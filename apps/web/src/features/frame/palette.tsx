'use client';
import { parseImageReference } from '@berth/shared/model/image-reference';
import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { StateShape } from '../../ui/icons.tsx';
import { lookOfStatus, TONE_TEXT } from '../../ui/state.ts';
import { handOver } from '../runs/apply/handed-over.ts';
import { whatIsPasted } from '../runs/apply/manifest-text.ts';
import { looksLikeDockerRun } from '../runs/docker-run.ts';
import { lookOfService } from '../services/service-look.ts';
import { PLACES } from './places.ts';

const ITEM = 'flex items-center gap-3 rounded-md px-3 py-2 aria-selected:bg-hover cursor-pointer';

/** Go anywhere, run anything. */
export function Palette({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const workspace = useWorkspace();
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  /** Pasted with its lines, which an input would run together. */
  const [pasted, setPasted] = useState<string | null>(null);
  const filters = { name: text.trim().toLowerCase() || undefined };
  const runs = useQuery({
    queryKey: [...queryKeys.runList(workspace, filters), 'palette'],
    queryFn: ({ signal }) => api.listRuns(workspace, filters, undefined, signal),
    placeholderData: (before) => before,
    enabled: text.length < 40,
  });
  const called = { name: filters.name, limit: '6' };
  const hosts = useQuery({
    queryKey: queryKeys.hostList(workspace, called),
    queryFn: ({ signal }) => api.listHosts(workspace, called, signal),
    placeholderData: (before) => before,
    enabled: text.length < 40,
  });
  const services = useQuery({
    queryKey: queryKeys.serviceList(workspace, called),
    queryFn: ({ signal }) => api.listServices(workspace, called, undefined, signal),
    placeholderData: (before) => before,
    enabled: text.length < 40,
  });

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Left to itself the dialog focuses the list around the input.
    element?.querySelector('input')?.focus();
    return () => element?.close();
  }, []);

  const go = (path: string) => {
    onClose();
    router.push(path);
  };
  const wanted = text.trim();
  const line = looksLikeDockerRun(wanted);
  const image = !line && wanted !== '' && parseImageReference(wanted).ok;
  const matches = (label: string) => label.toLowerCase().includes(wanted.toLowerCase());
  const pages = [
    ...PLACES.map(({ label, path, keys }) => ({ label, path: path(workspace), keys })),
    { label: 'Run a container', path: paths.newRun(workspace), keys: 'n' },
    { label: 'Apply a manifest', path: paths.apply(workspace), keys: '' },
    { label: 'New service', path: paths.newService(workspace), keys: '' },
  ].filter((page) => matches(page.label));

  return (
    <dialog
      ref={dialog}
      aria-label="Search or run"
      onClose={onClose}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className="fixed inset-x-0 top-[10vh] m-auto mt-0 w-[min(600px,calc(100vw-16px))] rounded-lg border border-line-strong bg-panel p-0 shadow-float"
    >
      <Command label="Search or run" shouldFilter={false} loop>
        <Command.Input
          value={text}
          onValueChange={(value) => {
            setText(value);
            setPasted(null);
          }}
          onPaste={(event) => {
            const whole = event.clipboardData.getData('text/plain');
            if (whatIsPasted(whole) === null) return;
            event.preventDefault();
            setText('');
            setPasted(whole);
          }}
          placeholder="A run, a host, an image, a docker run line, or a Compose file…"
          className="w-full border-b border-line bg-transparent px-4 py-3 text-lg outline-none"
        />
        <Command.List className="max-h-[50vh] overflow-auto p-2 [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-sm [&_[cmdk-group-heading]]:text-muted">
          <Command.Empty className="px-3 py-6 text-center text-muted">
            Nothing here is called “{wanted}”, and it is not the name of an image.
          </Command.Empty>
          {pasted !== null && (
            <Command.Group heading="Apply">
              <Command.Item
                value="plan"
                className={ITEM}
                onSelect={() => {
                  handOver(pasted);
                  go(paths.apply(workspace));
                }}
              >
                <span className="text-state-blue">
                  <StateShape shape="half" />
                </span>
                <span className="min-w-0 truncate">
                  Plan {whatIsPasted(pasted)} of {pasted.trimEnd().split('\n').length} lines
                </span>
              </Command.Item>
            </Command.Group>
          )}
          {(line || image) && (
            <Command.Group heading="Run">
              <Command.Item
                value="run"
                className={ITEM}
                onSelect={() => go(paths.newRun(workspace, line ? { line: wanted } : { image: wanted }))}
              >
                <span className="text-state-green">
                  <StateShape shape="full" />
                </span>
                <span className="min-w-0 truncate">
                  Run <code className="font-mono">{wanted}</code>
                </span>
              </Command.Item>
            </Command.Group>
          )}
          {pages.length > 0 && (
            <Command.Group heading="Go to">
              {pages.map((page) => (
                <Command.Item key={page.path} value={page.path} className={ITEM} onSelect={() => go(page.path)}>
                  <span className="flex-1">{page.label}</span>
                  {page.keys !== '' && <kbd className="font-mono text-xs text-muted">{page.keys}</kbd>}
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {!line && (runs.data?.items.length ?? 0) > 0 && (
            <Command.Group heading="Runs">
              {runs.data?.items.slice(0, 6).map((run) => {
                const look = lookOfStatus(run.status);
                return (
                  <Command.Item
                    key={run.metadata.id}
                    value={run.metadata.id}
                    className={ITEM}
                    onSelect={() => go(paths.run(workspace, run.metadata.id))}
                  >
                    <span className={TONE_TEXT[look.tone]}>
                      <StateShape shape={look.shape} />
                    </span>
                    <span className="min-w-0 flex-1 truncate">{run.metadata.name}</span>
                    <span className="truncate text-muted">{run.spec.image}</span>
                  </Command.Item>
                );
              })}
            </Command.Group>
          )}
          {!line && (services.data?.items.length ?? 0) > 0 && (
            <Command.Group heading="Services">
              {services.data?.items.map(({ metadata, status }) => {
                const look = lookOfService(status);
                return (
                  <Command.Item
                    key={metadata.id}
                    value={metadata.id}
                    className={ITEM}
                    onSelect={() => go(paths.service(workspace, metadata.id))}
                  >
                    <span className={TONE_TEXT[look.tone]}>
                      <StateShape shape={look.shape} />
                    </span>
                    <span className="min-w-0 flex-1 truncate">{metadata.name}</span>
                    <span className="text-muted tabular-nums">
                      {status.available} of {status.desired}
                    </span>
                  </Command.Item>
                );
              })}
            </Command.Group>
          )}
          {!line && (hosts.data?.items.length ?? 0) > 0 && (
            <Command.Group heading="Hosts">
              {hosts.data?.items.map((host) => (
                <Command.Item
                  key={host.metadata.id}
                  value={host.metadata.id}
                  className={ITEM}
                  onSelect={() => go(paths.host(workspace, host.metadata.id))}
                >
                  {host.metadata.name}
                </Command.Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </dialog>
  );
}
