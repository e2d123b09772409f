/** Prefers the places with the fewest runs. A place with more than that has at most half of the points: no other score outweighs it. */
import type { Score } from '../model.ts';
import { countAt, placeOf, selectorText } from '../place.ts';

export const spreadOverScore: Score = {
  concerns: ({ spreadOver }) => spreadOver !== null,
  most: 300,
  share: ({ spreadOver }, { host }) => {
    if (!spreadOver || placeOf(spreadOver.crowd.topology, host) === undefined) return 0;
    const count = countAt(spreadOver.crowd, host);
    return count <= spreadOver.floor ? 1 : (spreadOver.floor + 1) / (count + 1) / 2;
  },
  message: ({ spreadOver }, { host }) => {
    if (!spreadOver) return '';
    const { crowd } = spreadOver;
    const place = placeOf(crowd.topology, host);
    if (place === undefined) return `has no label ${crowd.topology}`;
    const count = countAt(crowd, host);
    const whom = Object.keys(crowd.selector).length > 0 ? ` with ${selectorText(crowd.selector)}` : '';
    return `${count} ${count === 1 ? 'run' : 'runs'}${whom} in ${crowd.topology} ${place}`;
  },
};
