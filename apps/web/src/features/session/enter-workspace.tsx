'use client';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { paths } from '../../lib/paths.ts';
import { useSession } from '../../lib/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';

/** `/`: to the runs of the first workspace. */
export function EnterWorkspace() {
  const router = useRouter();
  const session = useSession();
  const slug = session.data?.workspaces[0]?.slug;
  useEffect(() => {
    if (slug) router.replace(paths.runs(slug));
  }, [slug, router]);

  return (
    <main className="mx-auto max-w-md px-4 pt-[20vh]">
      <h1 className="sr-only">Berth</h1>
      {session.isError && (
        <Failure action={<Button onClick={() => void session.refetch()}>Try again</Button>}>{session.error.message}</Failure>
      )}
      {session.data && !slug && <Failure>You are signed in, but you are a member of no workspace. Ask somebody to invite you.</Failure>}
    </main>
  );
}
