/**
 * Prefers hosts that hold the image already, by as much as a few runs weigh in the spread: the first host to pull an image
 * does not draw every later run of it.
 */
import type { Score } from '../model.ts';

export const imageLocalityScore: Score = {
  concerns: () => true,
  most: 10,
  share: (demand, ledger) => (ledger.images.has(demand.image) ? 1 : 0),
  message: (demand, ledger) => (ledger.images.has(demand.image) ? 'has the image' : 'has to pull the image'),
};
