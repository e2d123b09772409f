'use client';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Failure } from './failure.tsx';

interface ConfirmProps {
  title: string;
  yes: string;
  no: string;
  busy: boolean;
  error?: string;
  onYes: () => void;
  onClose: () => void;
  /** What will happen. */
  children: ReactNode;
}

/** Asked only before what cannot be undone. */
export function Confirm({ title, yes, no, busy, error, onYes, onClose, children }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="mb-5">{children}</p>
      {error && (
        <div className="mb-4">
          <Failure>{error}</Failure>
        </div>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{no}</Button>
        <Button kind="danger" busy={busy} onClick={onYes}>
          {yes}
        </Button>
      </div>
    </Dialog>
  );
}
