'use client';
/** Short notices in a corner: what was done, or why it could not be. They leave by themselves and can be sent away. */
import { X } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { StateShape } from './icons.tsx';

interface Notice {
  id: number;
  text: string;
  bad: boolean;
}
let notices: readonly Notice[] = [];
let ids = 0;
const listeners = new Set<() => void>();
const NONE: readonly Notice[] = [];
const SHOWN_MS = 6000;

function set(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

export function notify(text: string, bad = false): void {
  set([...notices.slice(-3), { id: ++ids, text, bad }]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Notices() {
  const shown = useSyncExternalStore(
    subscribe,
    () => notices,
    () => NONE,
  );
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed bottom-16 right-4 z-50 flex w-[min(360px,calc(100vw-32px))] flex-col gap-2 md:bottom-4"
    >
      {shown.map((notice) => (
        <One key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function One({ notice }: { notice: Notice }) {
  const close = () => set(notices.filter((other) => other.id !== notice.id));
  useEffect(() => {
    const timer = setTimeout(() => set(notices.filter((other) => other.id !== notice.id)), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice.id]);
  return (
    <div className="pointer-events-auto flex items-start gap-2 rounded-lg border border-line-strong bg-panel px-3 py-2 shadow-float">
      <span className={`mt-1 ${notice.bad ? 'text-state-red' : 'text-state-done'}`}>
        <StateShape shape={notice.bad ? 'cross' : 'check'} />
      </span>
      <span className="min-w-0 flex-1 break-words">{notice.text}</span>
      <button type="button" aria-label="Dismiss" onClick={close} className="rounded p-0.5 text-muted hover:bg-hover">
        <X size={14} aria-hidden="true" />
      </button>
    </div>
  );
}
