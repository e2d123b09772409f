'use client';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { useRef } from 'react';
import { useKeys } from '../../lib/keys.ts';
import { apiPaths, paths } from '../../lib/paths.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TextFilter } from '../../ui/text-filter.tsx';
import { curlPost } from '../runs/curl-line.ts';
import { SERVICE_GRID, ServiceRow } from './service-row.tsx';
import { useServices } from './use-services.ts';

const EXAMPLE = { metadata: { name: 'web' }, spec: { replicas: 2, template: { spec: { image: 'nginx' } } } };

/** One line a service, the newest first. */
export function ServicesPage() {
  const workspace = useWorkspace();
  const origin = useOrigin();
  const [name, setName] = useQueryState('name', parseAsString.withDefault('').withOptions({ throttleMs: 100 }));
  const services = useServices(workspace, name);
  const nameInput = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const step = (by: 1 | -1) => {
    const links: Element[] = [...(list.current?.querySelectorAll('[data-row-link]') ?? [])];
    const at = document.activeElement === null ? -1 : links.indexOf(document.activeElement);
    const to = links[Math.max(0, Math.min(links.length - 1, at + by))];
    if (to instanceof HTMLElement) to.focus();
  };
  useKeys([
    { keys: '/', label: 'Filter by name', run: () => nameInput.current?.focus() },
    { keys: 'j', label: 'Next service', run: () => step(1) },
    { keys: 'k', label: 'Service before', run: () => step(-1) },
  ]);
  const rows = services.data?.pages.flatMap(({ items }) => items) ?? [];
  const create = (
    <Link href={paths.newService(workspace)} className={buttonClass('primary')}>
      <Plus size={14} aria-hidden="true" />
      New service
    </Link>
  );
  const actions = (
    <>
      <Link href={paths.apply(workspace)} className={buttonClass()}>
        Apply a manifest…
      </Link>
      {create}
    </>
  );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Services" actions={actions}>
        Containers that are kept at count, and rolled from one version to the next.
      </PageHead>
      <search aria-label="Filter the services" className="flex flex-wrap items-center gap-2 border-b border-line px-4 pb-3 md:px-6">
        <TextFilter
          name="name"
          label="Name"
          value={name}
          set={(_, value) => void setName(value === '' ? null : value)}
          inputRef={nameInput}
        />
      </search>
      {services.isPending && <Skeleton label="Reading the services" rows={5} />}
      {services.isError && rows.length === 0 && (
        <div className="p-4 md:px-6">
          <Failure action={<Button onClick={() => void services.refetch()}>Try again</Button>}>{services.error.message}</Failure>
        </div>
      )}
      {services.isSuccess && rows.length === 0 && (
        <Nothing
          filtered={name !== ''}
          clear={() => void setName(null)}
          curl={curlPost(`${origin}${apiPaths.services(workspace)}`, EXAMPLE)}
        >
          {create}
        </Nothing>
      )}
      {rows.length > 0 && (
        <>
          <div aria-hidden="true" className={`${SERVICE_GRID} border-b border-line py-1.5 text-sm text-muted max-md:!hidden`}>
            <span>State</span>
            <span>Name</span>
            <span>Image</span>
            <span>Replicas</span>
            <span className="text-right" title="Revision">
              Rev.
            </span>
            <span className="max-lg:hidden">What it does</span>
            <span className="text-right">Age</span>
          </div>
          <ol ref={list} aria-label="Services">
            {rows.map((service) => (
              <ServiceRow key={service.metadata.id} service={service} workspace={workspace} />
            ))}
          </ol>
          {services.hasNextPage && (
            <div className="flex justify-center p-4">
              <Button busy={services.isFetchingNextPage} onClick={() => void services.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}

interface NothingProps {
  filtered: boolean;
  clear: () => void;
  curl: string;
  children: React.ReactNode;
}

function Nothing({ filtered, clear, curl, children }: NothingProps) {
  if (filtered) return <Empty sentence="No service is called so." action={<Button onClick={clear}>Clear the filter</Button>} />;
  return (
    <Empty sentence="No service yet: one keeps containers running, and updates them without a gap." action={children}>
      <p className="mb-2 text-muted">The same from a terminal:</p>
      <Code label="the curl line" text={curl} />
    </Empty>
  );
}
