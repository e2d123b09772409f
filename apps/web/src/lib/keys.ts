'use client';
/**
 * The keyboard. Whatever is on the screen says which keys it takes; the help dialog lists exactly those.
 * "g r" is a sequence: the second key within SEQUENCE_MS.
 */
import { useEffect, useRef } from 'react';

export interface Binding {
  keys: string;
  label: string;
  run: () => void;
}

const SEQUENCE_MS = 1200;
const layers: { current: readonly Binding[] }[] = [];
let pending: { key: string; at: number } | null = null;

/** The bindings in force: what came last wins. */
export function activeBindings(): Binding[] {
  const seen = new Map<string, Binding>();
  for (const layer of layers) for (const binding of layer.current) seen.set(binding.keys, binding);
  return [...seen.values()];
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector('dialog[open], [role="menu"]')) return;
  const bindings = activeBindings();
  const sequence = pending && event.timeStamp - pending.at < SEQUENCE_MS ? `${pending.key} ${event.key}` : null;
  pending = null;
  const binding = (sequence && bindings.find((one) => one.keys === sequence)) || bindings.find((one) => one.keys === event.key);
  if (binding) {
    event.preventDefault();
    binding.run();
  } else if (bindings.some((one) => one.keys.startsWith(`${event.key} `))) {
    pending = { key: event.key, at: event.timeStamp };
  }
}

export function useKeys(bindings: readonly Binding[]): void {
  const layer = useRef(bindings);
  layer.current = bindings;
  useEffect(() => {
    if (layers.length === 0) document.addEventListener('keydown', onKeyDown);
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (layers.length === 0) document.removeEventListener('keydown', onKeyDown);
    };
  }, []);
}
