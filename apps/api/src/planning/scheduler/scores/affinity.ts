/** Prefers hosts near the runs that a run would rather be near: a share for each wish that is met. */
import type { Company, Score } from '../model.ts';
import { countAt, selectorText } from '../place.ts';

const wishes = (affinity: readonly Company[]): Company[] => affinity.filter(({ required }) => !required);

export const affinityScore: Score = {
  concerns: ({ affinity }) => wishes(affinity).length > 0,
  most: 200,
  share: ({ affinity }, { host }) => {
    const wished = wishes(affinity);
    return wished.length === 0 ? 0 : wished.filter(({ crowd }) => countAt(crowd, host) > 0).length / wished.length;
  },
  message: ({ affinity }, { host }) =>
    wishes(affinity)
      .map(({ crowd }) => `${countAt(crowd, host) > 0 ? 'near' : 'not near'} ${selectorText(crowd.selector)}`)
      .join(', '),
};
