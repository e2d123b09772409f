/** An agent's version beside that of this Berth. */
import type { Host } from '@berth/shared/model/host';
import { BERTH_VERSION } from '@berth/shared/model/version';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';

/** The agent that this Berth has to offer. */
export interface OfferedAgent {
  version: string;
  /** In hex. */
  sha256: string;
}

type Skew = Pick<Host['status']['agent'], 'version' | 'protocol' | 'skew' | 'message'>;

/** `protocol` 0: its agent has not connected yet. `sha256` null: it has not said. `offered` null: this Berth has none. */
export function skewOf(version: string | null, protocol: number, sha256: string | null, offered: OfferedAgent | null): Skew {
  if (protocol === 0) return { version, protocol: null, skew: 'unknown', message: 'its agent has not connected yet' };
  const agent = { version, protocol };
  if (protocol < PROTOCOL_VERSION) {
    const message = `it speaks protocol ${protocol}, this Berth ${PROTOCOL_VERSION}: it goes on working, and takes no run that asks for what is new`;
    return { ...agent, skew: 'protocol', message };
  }
  const newest = offered?.version ?? BERTH_VERSION;
  if (version !== null && version !== newest) {
    return { ...agent, skew: 'version', message: `it is version ${version}, this Berth ${newest}; they understand each other` };
  }
  if (sha256 !== null && offered !== null && sha256 !== offered.sha256) {
    return { ...agent, skew: 'build', message: `it is another build of version ${newest} than this Berth has` };
  }
  return { ...agent, skew: 'none', message: 'as new as this Berth' };
}
