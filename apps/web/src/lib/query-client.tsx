'use client';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ProblemError } from './api.ts';
import { paths } from './paths.ts';

/** A session that ended anywhere leads to the sign-in page, and back. */
function toSignIn(error: unknown): void {
  if (!(error instanceof ProblemError) || error.status !== 401) return;
  const here = window.location.pathname + window.location.search;
  if (!here.startsWith('/sign-in')) window.location.replace(paths.signIn(here));
}

function createClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: toSignIn }),
    defaultOptions: {
      queries: {
        // The event stream says what changed; reading again on a timer or on focus would only repeat it.
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (count, error) => count < 2 && !(error instanceof ProblemError && error.status >= 400 && error.status < 500),
        retryDelay: (count) => 300 * 2 ** count,
      },
      mutations: { onError: toSignIn },
    },
  });
}

export function ApiProvider({ children }: { children: ReactNode }) {
  const [client] = useState(createClient);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
