/** What the api asks about volumes of this host. Their transfers belong to the volume, as those of files belong to an attempt. */
import type { Outcome } from '@berth/shared/errors/outcome';
import type { Call } from '@berth/shared/protocol/call';
import type { ContainerEngine } from '../engine/container-engine.ts';
import type { Transfers } from './transfers.ts';

export type VolumeCall = Extract<Call, { name: `volume.${string}` }>;
export const isVolumeCall = (call: Call): call is VolumeCall => call.name.startsWith('volume.');

export async function answerVolume(call: VolumeCall, engine: ContainerEngine, transfers: Transfers): Promise<Outcome<object>> {
  switch (call.name) {
    case 'volume.measure': {
      const sizes = await engine.measureVolumes(call.volumes);
      return sizes.ok ? { ok: true, value: { sizes: sizes.value } } : sizes;
    }
    case 'volume.remove': {
      const removed = await engine.removeVolume(call.volume);
      return removed.ok ? { ok: true, value: {} } : removed;
    }
    case 'volume.open':
      return transfers.download(call.volume, () => engine.readVolume(call.volume));
    case 'volume.fill':
      return transfers.upload(call.volume, () => engine.fillVolume(call.volume));
  }
}
