'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';

/** What its engine has cached: a run of one of them needs no pull there. */
export function ImagesTab({ id, workspace }: { id: string; workspace: string }) {
  const images = useQuery({
    queryKey: queryKeys.hostImages(workspace, id),
    queryFn: ({ signal }) => api.hostImages(workspace, id, signal),
  });
  if (images.isPending) return <Skeleton label="Reading the images" />;
  if (images.isError && images.data === undefined) {
    return (
      <div className="p-4 md:px-6">
        <Failure>{images.error.message}</Failure>
      </div>
    );
  }
  // A digest is another name of an image that has a tag, as a rule.
  const items = images.data.items.toSorted((a, b) => a.localeCompare(b, 'en'));
  if (items.length === 0) return <p className="px-4 py-4 text-muted md:px-6">No image is cached on this host yet.</p>;
  return (
    <ul aria-label="Images" className="px-4 py-2 md:px-6">
      {items.map((image) => (
        <li key={image} className="flex items-center justify-between gap-4 border-b border-line py-1.5 last:border-0">
          <span className="min-w-0 break-all font-mono text-sm">{image}</span>
          <Link href={paths.newRun(workspace, { image })} className={buttonClass('quiet', true)} aria-label={`Run ${image}`}>
            Run
          </Link>
        </li>
      ))}
    </ul>
  );
}
