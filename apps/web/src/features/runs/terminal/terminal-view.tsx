'use client';
import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Realtime, TerminalHandler, WatchedTerminal } from '../../../lib/realtime.ts';
import { useRealtime } from '../../../lib/realtime-context.tsx';
import { onThemeChange } from '../../../lib/theme.ts';

const SCROLLBACK_LINES = 10_000;

function themeNow() {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(`--c-${name}`).trim();
  const ansi = (name: string) => color(`ansi-${name}`);
  return {
    background: color('sunken'),
    foreground: color('text'),
    cursor: color('accent'),
    selectionBackground: color('selected'),
    black: ansi('black'),
    red: ansi('red'),
    green: ansi('green'),
    yellow: ansi('yellow'),
    blue: ansi('blue'),
    magenta: ansi('magenta'),
    cyan: ansi('cyan'),
    white: ansi('white'),
    brightBlack: color('faint'),
    brightRed: ansi('red'),
    brightGreen: ansi('green'),
    brightYellow: ansi('yellow'),
    brightBlue: ansi('blue'),
    brightMagenta: ansi('magenta'),
    brightCyan: ansi('cyan'),
    brightWhite: ansi('white'),
  };
}

/** Where the output of a terminal comes from, and where keys go to. */
export interface TerminalSource {
  /** Place in its output at which it is shown from. */
  start: number;
  /** `say`: what is to be known of it, in words. */
  connect: (realtime: Realtime, handler: TerminalHandler, say: (words: string) => void) => WatchedTerminal;
  /** In its place when there is nothing else to be said. */
  words: string;
  /** It is told its size again whenever this is another one. */
  life: number;
}

/** One terminal. What it shows comes from its host, from the last MiB on; it is the same after a reload. */
export function TerminalView({
  source,
  name,
  onLeave,
}: {
  /** Another one is another terminal. */
  source: TerminalSource;
  name: string;
  /** The way out for the keyboard: Tab is the shell's. */
  onLeave: () => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<Terminal | null>(null);
  const used = useRef<WatchedTerminal | null>(null);
  const realtime = useRealtime();
  const [state, setState] = useState<string | null>(null);
  const first = useRef(source);
  const leave = useRef(onLeave);
  leave.current = onLeave;
  const theme = useSyncExternalStore(
    onThemeChange,
    () => document.documentElement.dataset.theme ?? 'light',
    () => 'light',
  );

  useEffect(() => {
    const element = box.current;
    if (!element || !realtime) return;
    const xterm = new Terminal({
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--font-geist-mono') || 'monospace',
      fontSize: 13,
      scrollback: SCROLLBACK_LINES,
      screenReaderMode: true,
      theme: themeNow(),
    });
    const fit = new FitAddon();
    xterm.loadAddon(fit);
    xterm.open(element);
    shown.current = xterm;
    xterm.attachCustomKeyEventHandler((event) => {
      if (event.key !== 'F6' || !event.shiftKey) return true;
      if (event.type === 'keydown') leave.current();
      return false;
    });
    const { connect, start } = first.current;
    let position = start;
    const handler: TerminalHandler = {
      position: () => position,
      output: ({ from, data, next, ended }) => {
        if (from > position && position > 0) xterm.write(`\r\n\x1b[33m… ${from - position} bytes are gone …\x1b[0m\r\n`);
        xterm.write(data);
        position = next;
        if (ended) setState(ended.exitCode === null ? 'It has ended.' : `It has ended with exit code ${ended.exitCode}.`);
      },
      ended: () => setState('This terminal is no longer there: its container or its host has gone.'),
    };
    const watched = connect(realtime, handler, setState);
    used.current = watched;
    const resized = () => {
      fit.fit();
      watched.resize(xterm.cols, xterm.rows);
    };
    xterm.onData((keys) => watched.type(keys));
    const observer = new ResizeObserver(resized);
    observer.observe(element);
    xterm.focus();
    return () => {
      observer.disconnect();
      watched.stop();
      xterm.dispose();
      shown.current = null;
    };
  }, [realtime]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another life of a container has a terminal without a size
  useEffect(() => {
    if (shown.current) used.current?.resize(shown.current.cols, shown.current.rows);
  }, [source.life]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  useEffect(() => {
    if (shown.current) shown.current.options.theme = themeNow();
  }, [theme]);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <section aria-label={name} className="min-h-80 flex-1 overflow-hidden bg-sunken p-2">
        <div ref={box} className="h-full min-h-72" />
      </section>
      <p role="status" className="px-4 py-1.5 text-sm text-muted md:px-6">
        {state ?? `Shift+F6 leaves the terminal. ${source.words}`}
      </p>
    </div>
  );
}
