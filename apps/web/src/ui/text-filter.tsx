'use client';
import { clsx } from 'clsx';
import { useEffect, useRef, useState } from 'react';

interface TextFilterProps<Name extends string> {
  name: Name;
  label: string;
  placeholder?: string;
  value: string | undefined;
  set: (name: Name, value: string) => void;
  inputRef?: React.Ref<HTMLInputElement>;
  className?: string;
}

/** Typing is kept here and reaches the address, and with it the query, a moment later. */
export function TextFilter<Name extends string>({ name, label, placeholder, value, set, inputRef, className }: TextFilterProps<Name>) {
  const [text, setText] = useState(value ?? '');
  const sent = useRef(value ?? '');
  useEffect(() => {
    if ((value ?? '') === sent.current) return;
    sent.current = value ?? '';
    setText(value ?? '');
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      set(name, text);
    }, 200);
    return () => clearTimeout(timer);
  });
  return (
    <input
      ref={inputRef}
      type="search"
      aria-label={label}
      placeholder={placeholder ? `${label}: ${placeholder}` : label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
      className={clsx('field w-36 max-sm:w-[calc(50%-4px)]', className)}
    />
  );
}
