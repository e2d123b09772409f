/** Newlines in output, counted while it is stored. Pure. */

const NEWLINE = 10;
/** Up to lines of this length on average, looking at every byte is quicker than a search for each newline; measured. */
const SHORT_LINE = 40;
const LOOKED_AT = 64;

export function countNewlines(data: Uint8Array): number {
  let count = 0;
  for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, at + 1)) {
    count++;
    if (count === LOOKED_AT && at < LOOKED_AT * SHORT_LINE) return count + countEach(data, at + 1);
  }
  return count;
}

function countEach(data: Uint8Array, from: number): number {
  let count = 0;
  for (let at = from; at < data.length; at++) if (data[at] === NEWLINE) count++;
  return count;
}
