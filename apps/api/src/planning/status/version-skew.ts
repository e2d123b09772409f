/** An agent's version beside that of this Berth. */
import type { Host } from '@berth/shared/model/host';
import { BERTH_VERSION } from '@berth/shared/model/version';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';

/** `protocol` 0: its agent has not connected yet. */
export function skewOf(version: string | null, protocol: number): Host['status']['agent'] {
  if (protocol === 0) return { version, protocol: null, skew: 'unknown', message: 'its agent has not connected yet' };
  const agent = { version, protocol };
  if (protocol < PROTOCOL_VERSION) {
    const message = `it speaks protocol ${protocol}, this Berth ${PROTOCOL_VERSION}: it goes on working, and takes no run that asks for what is new`;
    return { ...agent, skew: 'protocol', message };
  }
  if (version !== null && version !== BERTH_VERSION) {
    return { ...agent, skew: 'version', message: `it is version ${version}, this Berth ${BERTH_VERSION}; they understand each other` };
  }
  return { ...agent, skew: 'none', message: 'as new as this Berth' };
}
