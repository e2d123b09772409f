import type { HostTotals } from '@berth/shared/model/host-map';
import { Meter } from '../meter.tsx';
import { cpuInWords, memoryInWords } from './host-words.ts';

/** What all the hosts that are shown have together. */
export function HostTotalsBar({ totals }: { totals: HostTotals }) {
  const { hosts, ready, cpu, memory, runs } = totals;
  return (
    <section
      aria-label="Totals"
      className="grid grid-cols-2 gap-x-8 gap-y-2 border-b border-line px-4 pb-3 max-md:*:nth-[n+3]:col-span-2 md:grid-cols-[auto_auto_minmax(0,1fr)_minmax(0,1fr)] md:px-6"
    >
      <Count words={hosts === 1 ? 'host' : 'hosts'} value={hosts} beside={hosts > 0 && ready === hosts ? 'all ready' : `${ready} ready`} />
      <Count words={runs === 1 ? 'run' : 'runs'} value={runs} beside="now" />
      <Meter label="CPU" reserved={cpu.reserved} used={cpu.used} total={cpu.total} words={cpuInWords(cpu)} />
      <Meter label="Memory" reserved={memory.reserved} used={memory.used} total={memory.total} words={memoryInWords(memory)} />
    </section>
  );
}

function Count({ words, value, beside }: { words: string; value: number; beside: string }) {
  return (
    <p className="flex items-baseline gap-1.5 tabular-nums">
      <span className="text-lg font-semibold">{value.toLocaleString('en')}</span> <span>{words}</span>{' '}
      <span className="text-muted">{beside}</span>
    </p>
  );
}
