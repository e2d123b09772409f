/** Refuses hosts whose agent or engine cannot be reached. */
import type { Filter } from '../model.ts';
import { refusal } from './refusal.ts';

export const readyFilter: Filter = {
  fits: (_demand, { host }) => host.ready,
  refuse: (_demand, { host }) => refusal(host.name, 'is not ready', 'are not ready', host.stateMessage),
};
