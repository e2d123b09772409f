/** Refuses hosts that are near runs from which a run must keep away, or that must keep away from it. */
import type { CandidateHost, Crowd, Filter } from '../model.ts';
import { countAt, placeOf, selectorText } from '../place.ts';
import { refusal } from './refusal.ts';

function objection(crowd: Crowd, host: CandidateHost, does: (whom: string) => string): { singular: string; plural: string } {
  const what = does(selectorText(crowd.selector));
  if (crowd.topology === null) return { singular: `has a run that ${what}`, plural: `have a run that ${what}` };
  const { topology } = crowd;
  return {
    singular: `has ${topology} ${placeOf(topology, host)}, where a run ${what}`,
    plural: `have a ${topology} where a run ${what}`,
  };
}

export const antiAffinityFilter: Filter = {
  concerns: ({ antiAffinity, shunnedBy }) => shunnedBy.length > 0 || antiAffinity.some(({ required }) => required),
  fits: ({ antiAffinity, shunnedBy }, { host }) =>
    antiAffinity.every(({ required, crowd }) => !required || countAt(crowd, host) === 0) &&
    shunnedBy.every((crowd) => countAt(crowd, host) === 0),
  refuse: ({ antiAffinity, shunnedBy }, { host }) => {
    const near = antiAffinity.find(({ required, crowd }) => required && countAt(crowd, host) > 0)?.crowd;
    const shuns = shunnedBy.find((crowd) => countAt(crowd, host) > 0);
    const objections = [
      ...(near ? [objection(near, host, (whom) => `has ${whom}`)] : []),
      ...(shuns && !near ? [objection(shuns, host, (whom) => `keeps away from ${whom}`)] : []),
    ];
    const { singular, plural } = objections[0] ?? { singular: 'has none', plural: 'have none' };
    return refusal(host.name, singular, plural);
  },
};
