/** Refuses hosts that cannot run Linux containers, and hosts whose platform is not known yet. */
import type { Filter } from '../model.ts';
import { refusal } from './refusal.ts';

export const platformFilter: Filter = {
  fits: (_demand, { host }) => host.platform.startsWith('linux/'),
  refuse: (_demand, { host }) =>
    host.platform === ''
      ? refusal(host.name, 'has not said its platform yet', 'have not said their platform yet')
      : refusal(host.name, `runs ${host.platform} and not linux`, `run ${host.platform} and not linux`),
};
