'use client';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { PLACES } from './places.ts';

/** Down the side; on a phone along the bottom. */
export function Nav() {
  const workspace = useWorkspace();
  const path = usePathname();
  const totals = useQuery({ queryKey: queryKeys.hostTotals(workspace), queryFn: ({ signal }) => api.hostTotals(workspace, signal) });
  const { hosts: total, ready } = totals.data ?? {};
  const count = total === undefined || ready === undefined ? null : ready === total ? String(total) : `${ready}/${total}`;

  const list = useRef<HTMLUListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is at another place of the bar
  useEffect(() => {
    const here = list.current?.querySelector('[aria-current]');
    // Only the bar moves: to bring it into view could move the page, too.
    if (list.current && here instanceof HTMLElement) {
      list.current.scrollLeft = here.offsetLeft - list.current.offsetLeft - (list.current.clientWidth - here.offsetWidth) / 2;
    }
  }, [path]);

  return (
    <nav aria-label="Workspace" className="order-3 min-w-0 border-line max-md:border-t md:order-2 md:border-r md:px-2 md:py-3">
      <ul ref={list} className="flex max-md:overflow-x-auto max-md:[scrollbar-width:none] md:flex-col md:gap-0.5">
        {PLACES.map(({ path: addressOf, label, Icon }) => {
          const href = addressOf(workspace);
          const number = label === 'Hosts' ? count : null;
          const here = path === href || path.startsWith(`${href}/`);
          return (
            <li key={href} className="max-md:min-w-[4.5rem] max-md:flex-1">
              <Link
                href={href}
                aria-current={here ? 'page' : undefined}
                className={clsx(
                  'flex items-center gap-2 rounded-md px-2 py-1.5 max-md:flex-col max-md:gap-0.5 max-md:py-2 max-md:text-xs',
                  here
                    ? 'bg-hover font-medium text-text max-md:bg-transparent max-md:text-accent'
                    : 'text-muted hover:bg-hover hover:text-text',
                )}
              >
                <Icon size={15} aria-hidden="true" />
                {label}
                {number !== null && (
                  <span
                    className="ml-auto text-sm tabular-nums text-muted max-md:hidden"
                    title={ready === total ? `${total} ready` : `${ready} of ${total} ready`}
                  >
                    {number}
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
