'use client';
import type { Layer, Pull } from '@berth/shared/model/pull';
import { LAYER_STATE_WORDS, pullLines } from '@berth/shared/model/pull-text';
import { formatBytes } from '@berth/shared/model/quantity-text';
import { useEffect, useRef, useState } from 'react';
import { formatDuration, formatSeconds } from '../../lib/format.ts';
import { useNowWhile } from '../../ui/clock.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';
import { isDone, nextRate, pullSummary, type Rate, speedOf, totalsOf } from './pull-rate.ts';

/** While it pulls a bar a layer; afterwards one line that unfolds into what `docker run` prints. */
export function PullView({ pull }: { pull: Pull }) {
  const pulling = pull.state === 'pulling';
  const rates = useRates(pull.layers);
  const now = useNowWhile(pulling);
  if (pull.state === 'none') return null;
  const lines = pullLines(pull).join('\n');
  if (pulling) {
    const totals = totalsOf(pull.layers);
    return (
      <section aria-label="Pull" className="rounded-lg border border-line bg-panel px-4 py-3">
        <div className="flex items-start justify-between gap-4">
          <div className="min-w-0">
            {pull.headline.map((line) => (
              <p key={line} className="break-all font-mono text-sm text-muted">
                {line}
              </p>
            ))}
            {pull.layers.length > 0 && <p className="font-medium tabular-nums">{pullSummary(totals, speedOf(rates.get(WHOLE), now))}</p>}
          </div>
          <CopyButton text={lines} label="Copy the lines of the pull" />
        </div>
        <ul className="mt-1.5 grid gap-1.5">
          {pull.layers.map((layer) => (
            <LayerBar key={layer.id} layer={layer} rate={speedOf(rates.get(layer.id), now)} />
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
      <div className="relative mt-2">
        <div className="absolute right-1 top-1">
          <CopyButton text={lines} label="Copy the lines of the pull" />
        </div>
        <ScrollArea label="What docker run prints for this pull" className="max-h-64 overflow-auto rounded-md border border-line bg-sunken">
          <pre className="p-3 pr-20 font-mono text-sm">{lines}</pre>
        </ScrollArea>
      </div>
    </details>
  );
}

function LayerBar({ layer, rate }: { layer: Layer; rate: number | null }) {
  const done = isDone(layer);
  const part = done ? 1 : layer.total ? Math.min(1, (layer.current ?? 0) / layer.total) : 0;
  const moving = layer.state === 'downloading' || layer.state === 'extracting';
  const bytes =
    moving && layer.current !== null && layer.total
      ? `${formatBytes(layer.current)} of ${formatBytes(layer.total)}`
      : layer.total
        ? formatBytes(layer.total)
        : '';
  const left = rate && layer.total && layer.current !== null ? (layer.total - layer.current) / rate : null;
  return (
    <li className="grid grid-cols-[104px_minmax(0,1fr)] items-center gap-x-3 text-sm md:grid-cols-[104px_136px_minmax(0,1fr)_240px]">
      <span className="font-mono">{layer.id}</span>
      <span className="text-muted">{LAYER_STATE_WORDS[layer.state]}</span>
      <span aria-hidden="true" className="h-1.5 overflow-hidden rounded-full bg-hover max-md:col-span-2">
        <span className={`block h-full rounded-full ${done ? 'bg-state-done' : 'bg-state-blue'}`} style={{ width: `${part * 100}%` }} />
      </span>
      <span className="text-muted tabular-nums max-md:col-span-2">
        {bytes}
        {moving && rate !== null && rate > 0 && ` · ${formatBytes(Math.round(rate))}/s`}
        {moving && left !== null && left >= 1 && ` · ${formatSeconds(left)} left`}
      </span>
    </li>
  );
}

const WHOLE = 'the whole pull';

/** Of each layer in its present stage, and of all downloads together, from one report to the next. */
function useRates(layers: Layer[]): Map<string, Rate> {
  const stages = useRef(new Map<string, Layer['state']>());
  const [rates, setRates] = useState(() => new Map<string, Rate>());
  useEffect(() => {
    const at = Date.now();
    const began = new Set(layers.filter(({ id, state }) => stages.current.get(id) !== state).map(({ id }) => id));
    stages.current = new Map(layers.map(({ id, state }) => [id, state]));
    setRates((before) => {
      const next = new Map<string, Rate>([[WHOLE, nextRate(before.get(WHOLE), totalsOf(layers).bytes, at)]]);
      for (const { id, current } of layers) {
        if (current !== null) next.set(id, nextRate(began.has(id) ? undefined : before.get(id), current, at));
      }
      return next;
    });
  }, [layers]);
  return rates;
}
