import { formatImageReference, parseImageReference } from '@berth/shared/model/image-reference';
import type { Run } from '@berth/shared/model/run';
import { NewerImage } from './newer-image.tsx';

/** The image as it was asked for, what it turned out to be, and the ports that lead to it. */
export function ImageLine({ run, workspace }: { run: Run; workspace: string }) {
  const { image, attempts } = run.status;
  const parsed = parseImageReference(image.reference);
  const ports = attempts.at(-1)?.ports ?? [];
  const digest = image.digest?.slice(image.digest.indexOf('sha256:'));
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 font-mono text-sm">
      <span className="min-w-0 break-all">
        {parsed.ok ? formatImageReference({ ...parsed.image, digest: undefined }) : image.reference}
        {digest && (
          <span className="text-muted" title={digest}>
            {' '}
            @{digest.slice(0, 19)}…
          </span>
        )}
      </span>
      <NewerImage run={run} workspace={workspace} />
      {ports.map((port) => (
        <span
          key={`${port.hostPort}/${port.protocol}`}
          className="text-muted"
          title={`Port ${port.hostPort} of the host leads to port ${port.containerPort} of the container`}
        >
          {run.status.hostName}:{port.hostPort} → {port.containerPort}/{port.protocol}
        </span>
      ))}
    </div>
  );
}
