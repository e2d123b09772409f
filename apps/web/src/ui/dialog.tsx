'use client';
import { type ReactNode, useEffect, useId, useRef } from 'react';

/** A modal over the browser's own <dialog>: it traps focus, closes on Escape and on a click beside it, and gives focus back. */
export function Dialog({ title, onClose, wide, children }: { title: string; onClose: () => void; wide?: boolean; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onClose={onClose}
      onCancel={onClose}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className={`fixed inset-x-0 top-[12vh] m-auto mt-0 max-h-[80vh] ${wide ? 'w-[min(640px,calc(100vw-24px))]' : 'w-[min(480px,calc(100vw-24px))]'} rounded-lg border border-line bg-panel p-0 shadow-float`}
    >
      <div className="p-5">
        <h2 id={id} className="mb-3 text-lg font-semibold">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
