'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { Mark } from '../../ui/icons.tsx';

/** Only addresses of this console: a link must not lead away from it. */
function safeNext(next: string | null): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.includes('\\') ? next : '/';
}

export function SignIn() {
  const router = useRouter();
  const cache = useQueryClient();
  const next = safeNext(useSearchParams().get('next'));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await api.signIn(String(form.get('email')), String(form.get('password')));
      cache.clear();
      router.replace(next);
    } catch (cause) {
      setBusy(false);
      setError(sentence(cause));
    }
  }

  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-6 px-4 pb-[12vh]">
      <div className="flex items-center gap-2.5">
        <Mark size={26} />
        <h1 className="text-2xl font-semibold tracking-tight">Sign in to Berth</h1>
      </div>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {error && <Failure>{error}</Failure>}
        <Field label="Email">
          {(ids) => <input {...ids} name="email" type="email" required autoComplete="username" className="field" />}
        </Field>
        <Field label="Password">
          {(ids) => <input {...ids} name="password" type="password" required autoComplete="current-password" className="field" />}
        </Field>
        <Button kind="primary" type="submit" busy={busy} className="w-full">
          {busy ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
      <p className="text-sm text-muted">
        The first start of Berth writes an email and a password to <code className="font-mono">credentials.json</code> in its data folder.
      </p>
    </main>
  );
}

function sentence(cause: unknown): string {
  if (!(cause instanceof ProblemError)) return 'The sign-in failed in an unexpected way. Reload the page and try again.';
  if (cause.status === 401 || cause.status === 403) return 'The email or the password is wrong.';
  if (cause.status === 429) return 'Too many attempts. Wait a minute, then try again.';
  return cause.message;
}
