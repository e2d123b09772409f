import type { ServiceStatus } from '@berth/shared/model/service';
import { TONE_FILL } from '../../ui/state.ts';
import { lookOfService } from './service-look.ts';

/** "3 of 3", and the same as a bar. */
export function ReplicaBar({ status }: { status: ServiceStatus }) {
  const { available, desired } = status;
  const share = desired === 0 ? 0 : Math.min(1, available / desired);
  return (
    <span className="flex items-center gap-2" title={`${available} of ${desired} replicas are available`}>
      <span aria-hidden="true" className="h-1.5 w-10 shrink-0 overflow-hidden rounded-full bg-hover">
        <span className={`block h-full ${TONE_FILL[lookOfService(status).tone]}`} style={{ width: `${share * 100}%` }} />
      </span>
      <span className="whitespace-nowrap tabular-nums">
        {available} of {desired}
      </span>
    </span>
  );
}
