/** PURE. Whether the log of a run is what its containers wrote: every numbered line once and in order, life after life. */

export interface ExpectedLog {
  /** Lives that the run had, by Berth's own word. */
  lives: { least: number; most: number };
  /** Lines of a whole life; null: it writes until it is told to end. */
  lines: number | null;
  /** The last life wrote all that it had to. */
  isWhole: boolean;
  /** A life before the last one may have been cut short: its host was lost. */
  mayBeCut?: boolean;
  /** Lines that may be missing from each stream: what an engine that was killed had read and not yet written is nowhere any more. */
  gaps: number;
}

const LIFE = /^life ([0-9a-f-]{36})$/;

/** One sentence for each thing that is wrong. */
export function judgeLog(stdout: string, stderr: string, expected: ExpectedLog): string[] {
  const lives = stdout.split('\n').flatMap((line) => LIFE.exec(line)?.[1] ?? []);
  const complaints: string[] = [];
  if (new Set(lives).size !== lives.length) complaints.push(`the log tells twice of one start: ${lives.join(', ')}`);
  const { least, most } = expected.lives;
  if (lives.length > most) complaints.push(`its containers began ${lives.length} lives, and Berth tells of ${most}`);
  if (lives.length < least - (expected.gaps > 0 ? 1 : 0)) complaints.push(`the log tells of ${lives.length} of ${least} starts`);
  for (const [stream, word, text] of [
    ['stdout', 'out', stdout],
    ['stderr', 'err', stderr],
  ] as const) {
    complaints.push(...judgeStream(word, text, expected).map((complaint) => `${stream}: ${complaint}`));
  }
  return complaints;
}

function judgeStream(word: string, text: string, { lives, lines, isWhole, mayBeCut = false, gaps }: ExpectedLog): string[] {
  const complaints: string[] = [];
  const all = text.split('\n');
  const last = all.pop();
  // What a signal ends may end in the middle of a line.
  if (last !== '' && isWhole && gaps === 0) complaints.push(`its last line is not whole: ${JSON.stringify(last)}`);
  const pattern = new RegExp(`^${word} (\\d+)$`);
  let next = 0;
  let missing = 0;
  let begun = 1;
  for (const line of all) {
    if (LIFE.test(line)) continue;
    const number = Number(pattern.exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) complaints.push(`what nobody wrote: ${JSON.stringify(line.slice(0, 200))}`);
    else if (number === next) next++;
    else if (number < next && begun < lives.most && number <= gaps) {
      begun++;
      missing += number;
      if (lines !== null && !mayBeCut) {
        missing += lines - next;
        if (lines - next > gaps) complaints.push(`a life ends after line ${next - 1} of ${lines}`);
      }
      next = number + 1;
    } else if (number < next) complaints.push(`line ${number} comes after line ${next - 1}`);
    else {
      missing += number - next;
      if (number - next > gaps) complaints.push(`lines ${next} to ${number - 1} are missing`);
      next = number + 1;
    }
  }
  if (lines !== null && next > lines) complaints.push(`it has ${next} lines of ${lines}`);
  if (lines !== null && isWhole && next < lines) {
    missing += lines - next;
    if (lines - next > gaps) complaints.push(`it ends after line ${next - 1} of ${lines}`);
  }
  if (missing > gaps && complaints.length === 0) complaints.push(`${missing} lines are missing`);
  return complaints;
}
