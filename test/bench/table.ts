/** The figures as a table for people. */
import { type Bound, type Figure, judge, ratioOf } from './figures.ts';
import type { Machine } from './machine.ts';

const number = (value: number): string => {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
};

const boundText = (bound: Bound | null): string =>
  bound ? `${bound.of === 'ratio' ? 'ratio ' : ''}${bound.kind === 'at-most' ? '≤' : '≥'} ${bound.limit}` : '';

const HEADINGS = ['', 'figure', 'Berth', 'baseline', 'ratio', 'bound', ''];

export function renderTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { baseline } = figure;
    const ratio = ratioOf(figure);
    return [
      figure.scenario,
      figure.name,
      `${number(figure.value)} ${figure.unit}`,
      baseline ? `${number(baseline.value)} ${baseline.unit ?? figure.unit} (${baseline.name})` : '',
      ratio === null ? '' : ratio.toFixed(3),
      boundText(figure.bound),
      judge(figure),
    ];
  });
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(HEADINGS), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

export function renderMachine(machine: Machine): string {
  const { cpu, cores, memoryGiB, kernel, engine, node, loadAtStart } = machine;
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB · Linux ${kernel} · ${engine} · Node ${node} · load ${loadAtStart} at the start`;
}
