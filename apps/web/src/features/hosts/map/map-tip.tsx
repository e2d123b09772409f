import type { HostCell } from '@berth/shared/model/host-map';
import { labelText } from '../../../lib/label-text.ts';
import { StateBadge } from '../../../ui/state-badge.tsx';
import { cpuInWords, looksOf, memoryInWords, runsInWords } from './host-words.ts';

const WIDTH = 280;
const ROOM = 12;

/** What a cell stands for, beside it. The cell's own name says the same in short. */
export function MapTip({ cell, at }: { cell: HostCell; at: DOMRect }) {
  const below = at.bottom < window.innerHeight * 0.6;
  const left = Math.max(ROOM, Math.min(at.left, window.innerWidth - WIDTH - ROOM));
  const labels = Object.entries(cell.labels);
  return (
    <div
      role="tooltip"
      className="pointer-events-none fixed z-40 flex flex-col gap-1 rounded-md border border-line-strong bg-panel px-3 py-2 text-sm shadow-float"
      style={{ width: WIDTH, left, ...(below ? { top: at.bottom + 6 } : { bottom: window.innerHeight - at.top + 6 }) }}
    >
      <span className="break-all font-medium">{cell.name}</span>
      <span className="flex flex-wrap gap-x-3">
        {looksOf(cell).map((look) => (
          <StateBadge key={look.word} look={look} />
        ))}
      </span>
      {cell.message && <span className="text-muted">{cell.message}</span>}
      <span className="tabular-nums">CPU: {cpuInWords(cell.cpu)}</span>
      <span className="tabular-nums">Memory: {memoryInWords(cell.memory)}</span>
      <span className="text-muted">{runsInWords(cell.runs)} now</span>
      {labels.length > 0 && <span className="truncate text-muted">{labels.map(([key, value]) => labelText(key, value)).join(' · ')}</span>}
    </div>
  );
}
