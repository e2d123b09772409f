'use client';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { onThemeChange } from '../../../lib/theme.ts';
import type { Columns } from './series.ts';

export interface Line {
  label: string;
  /** The name of a colour of the theme, as in globals.css. */
  color: 'blue' | 'green' | 'amber' | 'purple';
}

const HEIGHT = 168;
/** What the marks of an axis are apart: bytes by powers of two, all else by the usual 1, 2 and 5. */
const STEPS = {
  bytes: Array.from({ length: 45 }, (_, power) => 2 ** power),
  count: Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat(),
};
export type Unit = keyof typeof STEPS;

const two = (value: number) => String(value).padStart(2, '0');
/** A mark of the axis of time, as exact as the marks are apart. */
function clock(at: number, step: number): string {
  const time = new Date(at * 1000);
  if (step >= 86_400) return `${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const minutes = `${two(time.getHours())}:${two(time.getMinutes())}`;
  return step >= 60 ? minutes : `${minutes}:${two(time.getSeconds())}`;
}

/** All charts of a page show the same moment. */
const CURSOR = { sync: { key: 'berth-stats' }, y: false, points: { size: 5 } } as const;

/** Over all of the chart's height, where the moment is in it. */
function drawMoment(plot: uPlot, moment: Date | null, color: string): void {
  if (moment === null) return;
  const x = Math.round(plot.valToPos(moment.getTime() / 1000, 'x', true));
  const { left, top, width, height } = plot.bbox;
  if (x < left || x > left + width) return;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = Math.max(1, Math.round(1.5 * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.restore();
}

/** Colours are read from the theme when it changes; data is put in without making the chart anew. */
export function Chart({
  moment,
  onMoment,
  title,
  now,
  lines,
  columns,
  format,
  unit,
  top,
}: {
  /** Marked by a line; null for none. */
  moment: Date | null;
  /** The reader points at a time. */
  onMoment: (moment: Date) => void;
  title: string;
  /** What it says at present, in words. */
  now: string;
  lines: readonly Line[];
  columns: Columns;
  format: (value: number) => string;
  unit: Unit;
  /** The least that the highest mark stands for. */
  top: number;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useSyncExternalStore(
    onThemeChange,
    () => document.documentElement.dataset.theme ?? 'light',
    () => 'light',
  );
  const latest = useRef({ columns, format, top, moment, onMoment });
  latest.current = { columns, format, top, moment, onMoment };
  const key = lines.map(({ label, color }) => `${label} ${color}`).join('|');

  // biome-ignore lint/correctness/useExhaustiveDependencies: the lines by their key; a new theme has other colours
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color('--c-muted'),
      grid: { stroke: color('--c-line'), width: 1 },
      ticks: { show: false },
      font: '11px sans-serif',
    };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: true, live: true },
        cursor: CURSOR,
        hooks: {
          draw: [(drawn) => drawMoment(drawn, latest.current.moment, color('--c-accent'))],
          ready: [
            (ready) =>
              ready.over.addEventListener('click', () => {
                const at = ready.posToVal(ready.cursor.left ?? -1, 'x');
                if ((ready.cursor.left ?? -1) >= 0) latest.current.onMoment(new Date(Math.round(at * 1000)));
              }),
          ],
        },
        scales: { y: { range: (_plot, _low, high) => [0, Math.max(latest.current.top, (high ?? 0) * 1.1)] } },
        axes: [
          { ...axis, space: 72, values: (_plot, splits, _axis, _space, step) => splits.map((at) => clock(at, step)) },
          { ...axis, size: 72, incrs: STEPS[unit], values: (_plot, splits) => splits.map((value) => latest.current.format(value)) },
        ],
        series: [
          { value: (_plot, at) => (at === null ? '–' : clock(at, 1)) },
          ...lines.map(({ label, color: name }) => ({
            label,
            stroke: color(`--c-state-${name}`),
            width: 1.5,
            points: { show: false },
            value: (_plot: uPlot, value: number | null) => (value === null ? '–' : latest.current.format(value)),
          })),
        ],
      },
      latest.current.columns as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [theme, key]);

  useEffect(() => plot.current?.setData(columns as uPlot.AlignedData), [columns]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is drawn from `latest`
  useEffect(() => plot.current?.redraw(false), [moment?.getTime()]);

  return (
    <figure className="min-w-0 rounded-lg border border-line p-3">
      <figcaption className="mb-1 flex flex-wrap justify-between gap-x-3">
        <span className="font-medium">{title}</span>
        <span className="text-muted tabular-nums">{now}</span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${title}: ${now}`} className="chart min-h-[196px] w-full cursor-pointer overflow-hidden" />
    </figure>
  );
}
