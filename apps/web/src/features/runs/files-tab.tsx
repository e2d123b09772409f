'use client';
import type { FileEntry } from '@berth/shared/http/files';
import type { Run } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { Download, File, Folder, Link2, Upload } from 'lucide-react';
import { parseAsString, useQueryState } from 'nuqs';
import { useRef, useState } from 'react';
import { api } from '../../lib/api.ts';
import { formatAbsolute } from '../../lib/format.ts';
import { apiPaths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { notify } from '../../ui/notice.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { bytesInWords, childOf, isBrowsable, modeInWords, parentsOf } from './file-words.ts';
import { droppedIn, pickedIn } from './picked-files.ts';
import { useUploads } from './use-uploads.ts';

const ICONS = { folder: Folder, file: File, link: Link2, other: File } as const;

/** What is in the container, a folder at a time: also after its end, and without a shell in its image. */
export function FilesTab({ run, workspace }: { run: Run; workspace: string }) {
  const { id } = run.metadata;
  const [path, setPath] = useQueryState('path', parseAsString.withDefault('/'));
  const picker = useRef<HTMLInputElement>(null);
  const folderPicker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const hasContainer = Boolean(run.status.attempts.at(-1)?.containerId);
  const query = useQuery({
    queryKey: [...queryKeys.run(workspace, id), 'files', path],
    queryFn: ({ signal }) => api.runFiles(workspace, id, path, signal),
    enabled: hasContainer,
    retry: false,
  });
  const { uploads, send } = useUploads(workspace, id, path);
  if (!hasContainer) {
    return (
      <p className="px-4 py-6 text-muted md:px-6">
        It has no container {run.status.phase === 'queued' ? 'yet' : 'whose files could be seen'}.
      </p>
    );
  }
  /** The same ones can be chosen again. */
  const choose = (input: HTMLInputElement) => {
    send(pickedIn(input.files));
    input.value = '';
  };
  const open = (to: string) => void setPath(to === '/' ? null : to);
  return (
    <section
      aria-label="Files"
      className={clsx('flex flex-col gap-3 px-4 py-4 md:px-6', over && 'bg-hover')}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void droppedIn(event.dataTransfer).then(send, () => notify('What was dropped cannot be read.', true));
      }}
    >
      <div className="flex flex-wrap items-center gap-2">
        <nav aria-label="Path" className="flex min-w-0 flex-1 basis-full flex-wrap sm:basis-0 items-center font-mono text-sm">
          {parentsOf(path).map(({ name, path: to }, index, all) => (
            <span key={to} className="flex items-center">
              <button
                type="button"
                className={clsx('rounded px-1 py-0.5 hover:bg-hover', index < all.length - 1 && 'text-muted')}
                aria-current={index === all.length - 1 ? 'page' : undefined}
                onClick={() => open(to)}
              >
                {name}
              </button>
              {index > 0 && index < all.length - 1 && <span className="text-muted">/</span>}
            </span>
          ))}
        </nav>
        <a href={apiPaths.runFile(workspace, id, path)} download className={buttonClass('plain', true)}>
          <Download size={13} aria-hidden="true" /> Folder as tar
        </a>
        <Button small onClick={() => picker.current?.click()}>
          <Upload size={13} aria-hidden="true" /> Upload files
        </Button>
        <Button small onClick={() => folderPicker.current?.click()}>
          Upload a folder
        </Button>
        <input ref={picker} type="file" multiple hidden aria-label="Files to upload" onChange={(event) => choose(event.target)} />
        <input
          ref={(input) => {
            folderPicker.current = input;
            input?.setAttribute('webkitdirectory', '');
          }}
          type="file"
          hidden
          aria-label="Folder to upload"
          onChange={(event) => choose(event.target)}
        />
      </div>
      {uploads.map(({ name, failure }) =>
        failure === null ? (
          <p key={name} role="status" className="text-muted">
            Uploading {name} …
          </p>
        ) : (
          <Failure key={name}>
            {name} was not uploaded: {failure}
          </Failure>
        ),
      )}
      {query.isPending && <Skeleton label="Asking the host" rows={8} />}
      {query.isError && <Failure action={<Button onClick={() => void query.refetch()}>Try again</Button>}>{query.error.message}</Failure>}
      {query.data && (
        <ScrollArea label="Files in the folder" className="overflow-x-auto">
          <table className="w-full text-left">
            <thead>
              <tr className="border-b border-line text-sm text-muted">
                <th scope="col" className="py-1 pr-4 font-normal">
                  Name
                </th>
                <th scope="col" className="py-1 pr-4 text-right font-normal">
                  Size
                </th>
                <th scope="col" className="hidden py-1 pr-4 font-normal md:table-cell">
                  Mode
                </th>
                <th scope="col" className="hidden py-1 pr-4 font-normal md:table-cell">
                  Changed
                </th>
                <th scope="col" className="py-1 font-normal">
                  <span className="sr-only">Download</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {query.data.entries.map((entry) => (
                <Entry
                  key={entry.name}
                  entry={entry}
                  path={childOf(path, entry.name)}
                  href={apiPaths.runFile(workspace, id, childOf(path, entry.name))}
                  open={open}
                />
              ))}
            </tbody>
          </table>
          {query.data.entries.length === 0 && !query.data.cut && (
            <p className="py-3 text-muted">The folder is empty. Drop files here to upload them.</p>
          )}
        </ScrollArea>
      )}
      {query.data && (query.data.cut || query.data.total > query.data.entries.length) && (
        <p className="text-sm text-muted">
          {query.data.cut
            ? 'The folder is too large to be looked through: there may be more in it than is shown. Its own folders can be opened by their path.'
            : `The first ${query.data.entries.length.toLocaleString('en')} of ${query.data.total.toLocaleString('en')} are shown.`}
        </p>
      )}
    </section>
  );
}

function Entry({ entry, path, href, open }: { entry: FileEntry; path: string; href: string; open: (path: string) => void }) {
  const Icon = ICONS[entry.type];
  return (
    <tr className="border-b border-line hover:bg-hover">
      <td className="max-w-0 py-1 pr-4 md:max-w-none">
        <span className="flex min-w-0 items-center gap-2 font-mono text-sm">
          <Icon size={14} aria-hidden="true" className="shrink-0 text-muted" />
          {isBrowsable(entry) ? (
            <button type="button" className="truncate rounded text-left hover:underline" onClick={() => open(path)}>
              {entry.name}
            </button>
          ) : (
            <span className="truncate">{entry.name}</span>
          )}
          {entry.linkTarget !== null && <span className="truncate text-muted">→ {entry.linkTarget}</span>}
        </span>
      </td>
      <td className="whitespace-nowrap py-1 pr-4 text-right tabular-nums text-muted">
        {entry.type === 'file' ? bytesInWords(entry.size) : ''}
      </td>
      <td className="hidden whitespace-nowrap py-1 pr-4 font-mono text-sm text-muted md:table-cell">{modeInWords(entry)}</td>
      <td className="hidden whitespace-nowrap py-1 pr-4 tabular-nums text-muted md:table-cell">
        {entry.modifiedAt === null ? '–' : formatAbsolute(entry.modifiedAt).slice(0, 19)}
      </td>
      <td className="py-1 text-right">
        <a href={href} download aria-label={`Download ${entry.name}`} className={buttonClass('quiet', true)}>
          <Download size={13} aria-hidden="true" />
        </a>
      </td>
    </tr>
  );
}
