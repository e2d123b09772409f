'use client';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { useKeys } from '../../lib/keys.ts';
import { paths } from '../../lib/paths.ts';
import { RealtimeProvider } from '../../lib/realtime-context.tsx';
import { useSession } from '../../lib/use-session.ts';
import { WorkspaceProvider } from '../../lib/workspace-context.tsx';
import { Failure } from '../../ui/failure.tsx';
import { useWorkspaceEvents } from '../runs/use-workspace-events.ts';
import { Header } from './header.tsx';
import { Nav } from './nav.tsx';
import { PLACES } from './places.ts';

const Palette = dynamic(() => import('./palette.tsx').then((module) => module.Palette), { ssr: false });
const KeyHelp = dynamic(() => import('./key-help.tsx').then((module) => module.KeyHelp), { ssr: false });

/** What stands around every page of a workspace. */
export function Frame({ workspace, children }: { workspace: string; children: ReactNode }) {
  return (
    <RealtimeProvider>
      <WorkspaceProvider workspace={workspace}>
        <Inside workspace={workspace}>{children}</Inside>
      </WorkspaceProvider>
    </RealtimeProvider>
  );
}

function Inside({ workspace, children }: { workspace: string; children: ReactNode }) {
  const router = useRouter();
  const session = useSession();
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null);
  useWorkspaceEvents(workspace);

  useKeys([
    ...PLACES.map(({ keys, label, path }) => ({
      keys,
      label: `Go to the ${label.toLowerCase()}`,
      run: () => router.push(path(workspace)),
    })),
    { keys: 'n', label: 'Run a container', run: () => router.push(paths.newRun(workspace)) },
    { keys: '?', label: 'All keys', run: () => setOpen('keys') },
  ]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      setOpen((now) => (now === 'palette' ? null : 'palette'));
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);

  const stranger = session.data && !session.data.workspaces.some((one) => one.slug === workspace);
  return (
    <div className="grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[48px_minmax(0,1fr)_auto] md:grid-cols-[200px_minmax(0,1fr)] md:grid-rows-[48px_minmax(0,1fr)]">
      <a
        href="#main"
        className="fixed left-2 top-2 z-50 -translate-y-20 rounded-md border border-line-strong bg-panel px-3 py-1.5 focus:translate-y-0"
      >
        Skip to the page
      </a>
      <Header session={session.data} onSearch={() => setOpen('palette')} onKeys={() => setOpen('keys')} />
      <Nav />
      <main id="main" tabIndex={-1} className="order-2 flex min-h-0 min-w-0 flex-col overflow-hidden outline-none md:order-3">
        {stranger ? (
          <div className="p-6">
            <Failure>There is no workspace "{workspace}", or you are not a member of it.</Failure>
          </div>
        ) : (
          children
        )}
      </main>
      {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
      {open === 'keys' && <KeyHelp onClose={() => setOpen(null)} />}
    </div>
  );
}
