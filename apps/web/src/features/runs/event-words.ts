/** Events in words. Pure. */
import type { BerthEvent } from '@berth/shared/events/event';
import { type Look, lookOfPhase, lookOfRun } from '../../ui/state.ts';

export function describeEvent(event: BerthEvent): { look: Look | null; text: string } {
  switch (event.type) {
    case 'run.created':
      return { look: null, text: `Asked for by ${event.data.actor}: ${event.data.image}` };
    case 'run.phase': {
      const look = event.data.phase === 'exited' ? lookOfRun('exited', event.data.exitCode) : lookOfPhase(event.data.phase);
      return { look, text: event.data.message };
    }
    case 'run.waiting':
      return { look: null, text: `Waiting: ${event.data.message}` };
    case 'run.requested':
      return { look: null, text: `${event.data.actor} asked to ${event.data.action} it` };
    case 'run.deleted':
      return { look: null, text: `Removed by ${event.data.actor}` };
    case 'host.changed':
      return { look: null, text: event.data.message };
  }
}
