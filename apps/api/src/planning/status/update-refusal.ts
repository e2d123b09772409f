/** Whether an agent can be updated from here; and if not, what to do instead. Pure. */
import type { AgentBundle } from '@berth/shared/model/agent-bundle';
import type { Host } from '@berth/shared/model/host';
import { callSince } from '@berth/shared/protocol/call';

/** `protocol` 0: its agent has not connected yet. `bundle` null: it has not said from which file it runs. `command`: what installs it anew. */
export function updateRefusal(protocol: number, bundle: AgentBundle | null, command: string): Host['status']['agent']['fixed'] {
  if (protocol === 0) return null;
  if (protocol < callSince('agent.update')) {
    return { message: `its agent speaks protocol ${protocol}, which knows of no updates from here`, command };
  }
  const why = bundle === null ? 'its agent is of a build that knows of no updates from here' : bundle.fixed;
  return why === null ? null : { message: why, command };
}
