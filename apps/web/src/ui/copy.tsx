'use client';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { buttonClass } from './button.tsx';
import { ScrollArea } from './scroll-area.tsx';

/** The clipboard needs a secure context; on a plain http address of the local network the old way still works. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className={buttonClass('quiet', true)}
      aria-label={label}
      onClick={() => void copyText(text).then(() => setCopied(true))}
    >
      {copied ? <Check size={13} aria-hidden="true" /> : <Copy size={13} aria-hidden="true" />}
      <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
    </button>
  );
}

/** A line or a document to copy, in monospace. */
export function Code({ text, label, wrap = true }: { text: string; label: string; wrap?: boolean }) {
  return (
    <figure className="relative m-0 rounded-md border border-line bg-sunken">
      <div className="absolute right-1 top-1">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
      <ScrollArea label={label} className="max-h-[60vh] overflow-auto rounded-md">
        <pre className={`w-fit min-w-full p-3 pr-20 font-mono text-sm ${wrap ? 'whitespace-pre-wrap break-all' : ''}`}>{text}</pre>
      </ScrollArea>
    </figure>
  );
}
