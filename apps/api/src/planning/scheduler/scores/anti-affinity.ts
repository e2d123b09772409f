/** Prefers hosts away from the runs that a run would rather keep away from; the fewer there are, the better. */
import type { Company, Score } from '../model.ts';
import { countAt, selectorText } from '../place.ts';

const wishes = (antiAffinity: readonly Company[]): Company[] => antiAffinity.filter(({ required }) => !required);

export const antiAffinityScore: Score = {
  concerns: ({ antiAffinity }) => wishes(antiAffinity).length > 0,
  most: 200,
  share: ({ antiAffinity }, { host }) => {
    const wished = wishes(antiAffinity);
    return wished.length === 0 ? 0 : wished.reduce((sum, { crowd }) => sum + 1 / (1 + countAt(crowd, host)), 0) / wished.length;
  },
  message: ({ antiAffinity }, { host }) =>
    wishes(antiAffinity)
      .map(({ crowd }) => `${countAt(crowd, host) > 0 ? 'near' : 'away from'} ${selectorText(crowd.selector)}`)
      .join(', '),
};
