'use client';
import type { Layer, Pull } from '@berth/shared/model/pull';
import { LAYER_STATE_WORDS, pullLines } from '@berth/shared/model/pull-text';
import { formatBytes } from '@berth/shared/model/quantity-text';
import { useEffect, useRef, useState } from 'react';
import { formatDuration, formatSeconds } from '../../lib/format.ts';
import { ScrollArea } from '../../ui/scroll-area.tsx';

/** While it pulls a bar a layer; afterwards one line that unfolds into what `docker run` prints. */
export function PullView({ pull }: { pull: Pull }) {
  const rates = useRates(pull.layers);
  if (pull.state === 'none') return null;
  if (pull.state === 'pulling') {
    return (
      <section aria-label="Pull" className="rounded-lg border border-line bg-panel px-4 py-3">
        {pull.headline.map((line) => (
          <p key={line} className="font-mono text-sm text-muted">
            {line}
          </p>
        ))}
        <ul className="mt-1 grid gap-1.5">
          {pull.layers.map((layer) => (
            <LayerBar key={layer.id} layer={layer} rate={rates.get(layer.id) ?? null} />
          ))}
        </ul>
      </section>
    );
  }
  const took = pull.startedAt && pull.finishedAt ? ` in ${formatDuration(Date.parse(pull.finishedAt) - Date.parse(pull.startedAt))}` : '';
  const words = pull.state === 'failed' ? 'The pull failed' : (pull.status ?? 'Pulled');
  return (
    <details className="group">
      <summary className="list-none text-muted hover:text-text">
        <span aria-hidden="true" className="mr-1.5 inline-block transition-transform group-open:rotate-90">
          ›
        </span>
        {words}
        {took}
        {pull.layers.length > 0 && ` · ${pull.layers.length} ${pull.layers.length === 1 ? 'layer' : 'layers'}`}
      </summary>
      <ScrollArea
        label="What docker run prints for this pull"
        className="mt-2 max-h-64 overflow-auto rounded-md border border-line bg-sunken"
      >
        <pre className="p-3 font-mono text-sm">{pullLines(pull).join('\n')}</pre>
      </ScrollArea>
    </details>
  );
}

function LayerBar({ layer, rate }: { layer: Layer; rate: number | null }) {
  const done = layer.state === 'complete' || layer.state === 'exists';
  const part = done ? 1 : layer.total ? Math.min(1, (layer.current ?? 0) / layer.total) : 0;
  const bytes =
    layer.current !== null && layer.total
      ? `${formatBytes(layer.current)} of ${formatBytes(layer.total)}`
      : layer.total
        ? formatBytes(layer.total)
        : '';
  const left = rate && layer.total && layer.current !== null ? (layer.total - layer.current) / rate : null;
  return (
    <li className="grid grid-cols-[104px_minmax(0,1fr)] items-center gap-x-3 text-sm md:grid-cols-[104px_136px_minmax(0,1fr)_220px]">
      <span className="font-mono">{layer.id}</span>
      <span className="text-muted">{LAYER_STATE_WORDS[layer.state]}</span>
      <span aria-hidden="true" className="h-1.5 overflow-hidden rounded-full bg-hover max-md:col-span-2">
        <span className={`block h-full rounded-full ${done ? 'bg-state-done' : 'bg-state-blue'}`} style={{ width: `${part * 100}%` }} />
      </span>
      <span className="text-muted tabular-nums max-md:col-span-2">
        {bytes}
        {!done && rate !== null && rate > 0 && ` · ${formatBytes(Math.round(rate))}/s`}
        {!done && left !== null && left >= 1 && ` · ${formatSeconds(left)} left`}
      </span>
    </li>
  );
}

/** Bytes a second of each layer in its present stage, smoothed over the reports. */
function useRates(layers: Layer[]): Map<string, number> {
  const seen = useRef(new Map<string, { state: string; current: number; at: number }>());
  const [rates, setRates] = useState(() => new Map<string, number>());
  useEffect(() => {
    const now = performance.now();
    setRates((before) => {
      const next = new Map(before);
      for (const { id, state, current } of layers) {
        if (current === null) continue;
        const last = seen.current.get(id);
        if (!last || last.state !== state) next.delete(id);
        else if (now - last.at < 200) continue;
        else if (current > last.current) {
          const rate = ((current - last.current) / (now - last.at)) * 1000;
          next.set(id, before.has(id) ? (before.get(id) ?? 0) * 0.7 + rate * 0.3 : rate);
        }
        seen.current.set(id, { state, current, at: now });
      }
      return next;
    });
  }, [layers]);
  return rates;
}
