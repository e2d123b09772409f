/** Refuses hosts from which somebody keeps new runs. */
import type { Filter } from '../model.ts';
import { refusal } from './refusal.ts';

export const cordonFilter: Filter = {
  fits: (_demand, { host }) => !host.cordoned,
  refuse: (_demand, { host }) => refusal(host.name, 'is cordoned', 'are cordoned'),
};
