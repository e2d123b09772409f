import type { SecretUser } from '@berth/shared/model/secret';
import Link from 'next/link';
import { paths } from '../../lib/paths.ts';

/** Who uses it, each a link to its page. */
export function SecretUsers({ users, more, workspace }: { users: readonly SecretUser[]; more: boolean; workspace: string }) {
  return (
    <>
      {users.map(({ kind, id, name, version }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link
            href={kind === 'Run' ? paths.run(workspace, id) : paths.service(workspace, id)}
            className="text-accent underline underline-offset-2"
          >
            {name}
          </Link>
          {version !== null && <span className="text-muted"> (version {version})</span>}
        </span>
      ))}
      {more && ' and more'}
    </>
  );
}
