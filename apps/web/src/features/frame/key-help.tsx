'use client';
import { activeBindings } from '../../lib/keys.ts';
import { Key } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

export function KeyHelp({ onClose }: { onClose: () => void }) {
  const rows = [{ keys: '⌘ K', label: 'Search or run anything (Ctrl K)' }, ...activeBindings()];
  return (
    <Dialog title="Keys on this page" onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-2">
        {rows.map(({ keys, label }) => (
          <div key={keys} className="contents">
            <dt>{label}</dt>
            <dd className="flex gap-1">
              {keys.split(' ').map((key) => (
                <Key key={key}>{key === 'Enter' ? '↵' : key}</Key>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
