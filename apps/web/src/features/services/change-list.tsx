import { changeInWords } from './service-words.ts';

interface ChangeListProps {
  label: string;
  changes: readonly { path: string; from: string; to: string }[];
}

/** Field by field: what it was, and what it becomes. */
export function ChangeList({ label, changes }: ChangeListProps) {
  return (
    <ul aria-label={label} className="grid gap-1">
      {changes.map(changeInWords).map(({ path, from, to }) => (
        <li key={path} className="grid gap-x-3 sm:grid-cols-[minmax(0,140px)_minmax(0,1fr)]">
          <span className="break-all font-mono text-sm text-muted">{path}</span>
          <span className="min-w-0 break-all font-mono text-sm">
            {from === '' ? <span className="text-muted">not set</span> : from}
            <span className="text-muted"> → </span>
            {to === '' ? <span className="text-muted">not set</span> : to}
          </span>
        </li>
      ))}
    </ul>
  );
}
