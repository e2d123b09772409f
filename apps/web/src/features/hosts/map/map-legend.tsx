import { lookOfHost, lookOfMark } from '../../../ui/state.ts';
import { StateBadge } from '../../../ui/state-badge.tsx';
import { COLOUR_WORDS, type Colour } from './host-cells.ts';

const SIGNS = [
  lookOfMark('unapproved'),
  lookOfMark('cordoned'),
  lookOfMark('draining'),
  lookOfMark('drained'),
  lookOfHost('not-ready'),
  lookOfHost('lost'),
];

/** How the map is read. */
export function MapLegend({ colour }: { colour: Colour }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-muted">
      <span className="flex items-center gap-2">
        {COLOUR_WORDS[colour]}: 0 %<span aria-hidden="true" className="host-scale" />
        100 %
      </span>
      {SIGNS.map((look) => (
        <StateBadge key={look.word} look={look} />
      ))}
    </div>
  );
}
