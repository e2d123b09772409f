import type { Condition } from '@berth/shared/model/service';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { lookOfCondition } from './service-look.ts';
import { sentence } from './service-words.ts';

const WORDS: Record<Condition['type'], string> = {
  Available: 'Available',
  Progressing: 'Progressing',
  Paused: 'Held',
  AutoscaleActive: 'Scales by use',
  Routed: 'Domains lead to it',
};

/** Each with its reason, and since when it is so. */
export function Conditions({ conditions }: { conditions: readonly Condition[] }) {
  return (
    <section aria-label="Conditions">
      <h2 className="mb-1 font-medium">Conditions</h2>
      {conditions.length === 0 && <p className="text-muted">None yet: nobody has looked at it since it was made.</p>}
      <ul>
        {conditions.map((condition) => (
          <li
            key={condition.type}
            className="grid items-start grid-cols-[104px_84px_minmax(0,1fr)_auto] gap-x-4 border-b border-line py-1.5 last:border-0 max-md:grid-cols-[104px_minmax(0,1fr)_auto]"
          >
            <span className="text-muted" title={condition.reason}>
              {WORDS[condition.type]}
            </span>
            <StateBadge look={lookOfCondition(condition)} />
            <span className="min-w-0 break-words max-md:order-last max-md:col-span-full">{sentence(condition.message)}</span>
            <span className="whitespace-nowrap text-right text-muted">
              for <Age at={condition.lastTransitionTime} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
