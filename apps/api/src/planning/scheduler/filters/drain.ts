/** Refuses hosts that somebody drains. */
import type { Filter } from '../model.ts';
import { refusal } from './refusal.ts';

export const drainFilter: Filter = {
  fits: (_demand, { host }) => !host.draining,
  refuse: (_demand, { host }) => refusal(host.name, 'is drained', 'are drained'),
};
