/** Refuses hosts that joined where new ones need approval, before they have it. */
import type { Filter } from '../model.ts';
import { refusal } from './refusal.ts';

export const approvalFilter: Filter = {
  fits: (_demand, { host }) => host.approved,
  refuse: (_demand, { host }) => refusal(host.name, 'waits for approval', 'wait for approval'),
};
