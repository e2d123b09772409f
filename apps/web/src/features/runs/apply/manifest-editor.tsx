'use client';
import { clsx } from 'clsx';
import { type ReactNode, type RefObject, useRef, useState } from 'react';
import { ScrollArea } from '../../../ui/scroll-area.tsx';
import { mainOf } from './manifest-text.ts';

/** Of a line, in pixels: the numbers stand beside what they count. */
const LINE = 20;
const FEWEST_LINES = 14;

interface ManifestEditorProps {
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  /** Lines with something wrong in them, from 1. */
  marked: ReadonlySet<number>;
  describedBy: string;
  /** `whole`: pasted or dropped, and so at its end; typing is not. `beside`: files that were dropped with it. */
  onChange: (text: string, whole: boolean, beside?: ReadonlyMap<string, string>) => void;
  children?: ReactNode;
}

/** A plain text area with its line numbers; it grows with its text. Files can be dropped on it. */
export function ManifestEditor({ area, text, marked, describedBy, onChange }: ManifestEditorProps) {
  const pasted = useRef(false);
  const [over, setOver] = useState(false);
  const lines = Math.max(FEWEST_LINES, text.split('\n').length);
  const take = async (files: readonly File[]) => {
    const read = new Map(await Promise.all(files.map(async (file) => [file.name, await file.text()] as const)));
    const main = mainOf([...read.keys()]);
    if (main === undefined) return;
    const whole = read.get(main) ?? '';
    read.delete(main);
    onChange(whole, true, read);
  };
  return (
    <ScrollArea
      label="The text and its lines"
      className={clsx('max-h-[50vh] overflow-auto rounded-lg border bg-sunken', over ? 'border-accent' : 'border-line-strong')}
    >
      <div className="relative flex min-w-fit font-mono text-sm" style={{ lineHeight: `${LINE}px` }}>
        {[...marked].map((line) => (
          <span
            key={line}
            aria-hidden="true"
            className="absolute inset-x-0 bg-tint-red"
            style={{ top: 8 + (line - 1) * LINE, height: LINE }}
          />
        ))}
        <ol
          aria-hidden="true"
          className="relative shrink-0 select-none border-r border-line py-2 pl-2 pr-2 text-right text-muted tabular-nums"
        >
          {Array.from({ length: lines }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <li key={index} className={clsx(marked.has(index + 1) && 'font-semibold text-state-red')}>
              {index + 1}
            </li>
          ))}
        </ol>
        <textarea
          ref={area}
          aria-label="Manifest, Compose file or docker run line"
          aria-describedby={describedBy}
          aria-invalid={marked.size > 0 || undefined}
          rows={lines}
          cols={Math.min(400, Math.max(20, ...text.split('\n').map((line) => line.length + 1)))}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          placeholder={'kind: Run\nmetadata:\n  name: hello\nspec:\n  image: hello-world'}
          value={text}
          onPaste={() => {
            pasted.current = true;
          }}
          onChange={(event) => {
            onChange(event.target.value, pasted.current);
            pasted.current = false;
          }}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            setOver(false);
            const files = [...event.dataTransfer.files];
            if (files.length === 0) return;
            event.preventDefault();
            void take(files);
          }}
          className="relative m-0 block min-w-0 flex-1 resize-none overflow-hidden border-0 bg-transparent px-3 py-2 outline-offset-[-2px]"
          style={{ lineHeight: `${LINE}px` }}
        />
      </div>
    </ScrollArea>
  );
}
