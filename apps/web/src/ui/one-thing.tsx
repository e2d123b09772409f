'use client';
import type { UseQueryResult } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ProblemError } from '../lib/api.ts';
import { Button, buttonClass } from './button.tsx';
import { Empty } from './empty.tsx';
import { Failure } from './failure.tsx';
import { Skeleton } from './skeleton.tsx';

interface Props<T> {
  query: UseQueryResult<T, Error>;
  /** It was here, and is no longer: known from elsewhere than the reading. */
  gone?: boolean;
  /** Where there is none of this id. */
  none: string;
  /** Of those that there are. */
  list: { href: string; label: string };
  reading: string;
  children: (thing: T) => ReactNode;
}

/**
 * One thing on its page, or why it is not there. What was read once stays on the screen while it cannot be read again; that the connection is
 * lost is said above every page.
 */
export function OneThing<T>({ query, gone = false, none, list, reading, children }: Props<T>) {
  if (gone || (query.error instanceof ProblemError && query.error.status === 404)) {
    return (
      <Empty
        sentence={none}
        action={
          <Link href={list.href} className={buttonClass()}>
            {list.label}
          </Link>
        }
      />
    );
  }
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return (
      <div className="p-6">
        <Failure action={<Button onClick={() => void query.refetch()}>Try again</Button>}>{query.error.message}</Failure>
      </div>
    );
  }
  return <Skeleton label={reading} />;
}
