'use client';
import type { Session } from '@berth/shared/model/session';
import { useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Keyboard, Monitor, Moon, Search, Sun, UserRound } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useSyncExternalStore } from 'react';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { chooseTheme, onThemeChange, readTheme, type ThemeChoice } from '../../lib/theme.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Key } from '../../ui/button.tsx';
import { Mark } from '../../ui/icons.tsx';
import { Menu } from '../../ui/menu.tsx';
import { notify } from '../../ui/notice.tsx';
import { ConnectionState } from './connection-state.tsx';

const ICON_BUTTON = 'grid size-8 place-content-center rounded-md text-muted hover:bg-hover hover:text-text';
const THEMES: { choice: ThemeChoice; label: string; Icon: typeof Sun }[] = [
  { choice: 'system', label: 'As the system', Icon: Monitor },
  { choice: 'light', label: 'Light', Icon: Sun },
  { choice: 'dark', label: 'Dark', Icon: Moon },
];

export function Header({ session, onSearch, onKeys }: { session: Session | undefined; onSearch: () => void; onKeys: () => void }) {
  const router = useRouter();
  const cache = useQueryClient();
  const workspace = useWorkspace();
  const theme = useSyncExternalStore<ThemeChoice>(onThemeChange, readTheme, () => 'system');
  const ThemeIcon = THEMES.find((one) => one.choice === theme)?.Icon ?? Monitor;

  const signOut = async () => {
    try {
      await api.signOut();
      cache.clear();
      router.replace(paths.signIn());
    } catch (cause) {
      notify(cause instanceof Error ? cause.message : String(cause), true);
    }
  };

  return (
    <header className="order-1 flex items-center gap-1 border-b border-line bg-page px-2 md:col-span-2 md:gap-2 md:px-3">
      <Link href={paths.runs(workspace)} className="flex items-center gap-2 rounded-md px-1 py-1 font-semibold tracking-tight md:px-1.5">
        <Mark />
        <span className="max-sm:sr-only">Berth</span>
      </Link>
      <Menu
        label={`Workspace ${workspace}`}
        align="left"
        buttonClassName="flex h-8 min-w-0 items-center gap-1 rounded-md px-1.5 text-muted hover:bg-hover hover:text-text"
        trigger={
          <>
            <span className="max-w-24 truncate md:max-w-32">{workspace}</span>
            <ChevronDown size={13} aria-hidden="true" />
          </>
        }
        items={(session?.workspaces ?? []).map((one) => ({
          label: one.name,
          checked: one.slug === workspace,
          onSelect: () => router.push(paths.runs(one.slug)),
        }))}
      />
      <button
        type="button"
        onClick={onSearch}
        aria-keyshortcuts="Control+K Meta+K"
        className="mx-auto flex h-8 items-center gap-2 rounded-md text-muted hover:bg-hover max-md:w-8 max-md:justify-center md:w-80 md:border md:border-line md:bg-sunken md:px-2.5"
      >
        <Search size={14} aria-hidden="true" />
        <span className="flex-1 text-left max-md:sr-only">Search or run…</span>
        <span aria-hidden="true" className="max-md:hidden">
          <Key>⌘K</Key>
        </span>
      </button>
      <ConnectionState />
      <Menu
        label="Theme"
        buttonClassName={ICON_BUTTON}
        trigger={<ThemeIcon size={15} aria-hidden="true" />}
        items={THEMES.map(({ choice, label }) => ({ label, checked: theme === choice, onSelect: () => chooseTheme(choice) }))}
      />
      <button type="button" aria-label="All keys" onClick={onKeys} className={`${ICON_BUTTON} max-md:hidden`}>
        <Keyboard size={15} aria-hidden="true" />
      </button>
      <Menu
        label="Your account"
        buttonClassName={ICON_BUTTON}
        trigger={<UserRound size={15} aria-hidden="true" />}
        items={[
          {
            label: session?.principal.type === 'user' ? `Sign out ${session.principal.email}` : 'Sign out',
            onSelect: () => void signOut(),
          },
        ]}
      />
    </header>
  );
}
