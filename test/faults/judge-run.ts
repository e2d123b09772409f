/** PURE. Whether a run came to the end that its work wants, whatever happened meanwhile. */
import type { Reason } from '@berth/shared/model/reason';
import type { Run } from '@berth/shared/model/run';
import { judgeLog } from './judge-log.ts';
import { linesOf, type Work } from './work.ts';

export interface RunEvidence {
  work: Work;
  onHostLost: 'wait' | 'replace';
  run: Run;
  /** When it was asked for, and when its end was seen. */
  from: number;
  until: number;
  stdout: string;
  stderr: string;
  /** The text of hello-world. */
  hello: string;
  /** When engines of its hosts were killed with -9, by our clock. */
  engineKills: readonly number[];
  /** When the disks of its hosts were filled up. */
  diskFills: readonly number[];
}

/** Lines that one engine which is killed with -9 takes along, at the pace of the fastest work. */
const GAP_LINES = 6;

export function judgeRun(evidence: RunEvidence): string[] {
  const { run, work, stdout, stderr, hello } = evidence;
  const { status } = run;
  const exits = status.attempts.flatMap((attempt) => attempt.exits);
  const ends = [...exits, status];
  // A start that died with its engine counts among those that its policy allows.
  const cutOff = ends.filter(cutOffAtItsStart).length;
  const tookWithIt = (cutOff > 0 || ends.some(hasUnknownExit)) && within(evidence.engineKills, evidence) > 0;
  const unstarted = tookWithIt ? cutOff : 0;
  const hadNoRoom = status.reason === NO_ROOM && status.startedAt === null && within(evidence.diskFills, evidence) > 0;
  const complaints = hadNoRoom || tookWithIt ? [] : judgeEnd(evidence);
  const lost = status.attempts.filter(({ phase }) => phase === 'lost');
  if (status.attempts.length > 1 && evidence.onHostLost === 'wait')
    complaints.push(`it waits for its host, and has ${status.attempts.length} attempts`);
  if (status.attempts.length > 1 + lost.length) complaints.push(`${status.attempts.length} attempts, of which ${lost.length} are lost`);
  if (status.waiting !== null) complaints.push(`it is ${status.phase} and waits: ${status.waiting.message}`);
  const isWhole = status.phase === 'exited' && status.reason !== 'stopped' && status.reason !== 'killed';
  const gaps = gapsOf(evidence);
  if (work.work === 'hello') {
    const last = lost.reduce((rest) => withoutBeginning(rest, hello), stdout);
    const isAll = gaps > 0 ? hello.startsWith(last) : last === hello || (lost.length > 0 && stdout === hello);
    if (isWhole && !isAll) complaints.push(`its output is ${JSON.stringify(stdout.slice(0, 300))}`);
    if (stderr !== '') complaints.push(`it wrote to stderr: ${JSON.stringify(stderr.slice(0, 300))}`);
    return complaints;
  }
  const lives = { least: -unstarted, most: 0 };
  for (const { phase, startedAt, restarts } of status.attempts) {
    lives.most += startedAt === null && phase !== 'lost' ? 0 : 1 + restarts;
    // Of a host that is lost nobody knows what it had begun.
    lives.least += startedAt === null || phase === 'lost' ? 0 : 1 + restarts;
  }
  return [...complaints, ...judgeLog(stdout, stderr, { lives, lines: linesOf(work).lines, isWhole, mayBeCut: lost.length > 0, gaps })];
}

/** An engine that cannot store what its mirror sends asks Docker Hub next, which cannot be reached here: that is what it then tells. */
const NO_ROOM: Reason = 'registry-unreachable';

interface End {
  reason: Reason;
  message: string;
  exitCode: number | null;
}

/**
 * An engine that is killed between a start and its record of it: whether the container ran nobody can say, so it is not started a second time.
 * One that is to be started again after each end may meet what is left of that life: "task …: already exists".
 */
const cutOffAtItsStart = ({ reason, message }: End): boolean =>
  reason === 'start-unknown' || (reason === 'engine-error' && /task \w+: already exists/.test(message));

/** The same of an end: Docker says 255 where it could not learn the code. */
const hasUnknownExit = ({ exitCode, message }: End): boolean => exitCode === 255 && message.includes('an exit code that is not known');

/** Docker loses what it had read of a container and not yet written when it is killed; and what nobody read while it was away. */
function gapsOf(evidence: RunEvidence): number {
  if (evidence.run.status.message.includes('may be missing')) return Number.POSITIVE_INFINITY;
  return within(evidence.engineKills, evidence) * GAP_LINES;
}

/** A fault lasts for some seconds, and may have begun before the run. */
const FAULT_MS = 20_000;

const within = (moments: readonly number[], { from, until }: RunEvidence) =>
  moments.filter((at) => at >= from - FAULT_MS && at <= until).length;

/** What is left behind the longest beginning of `hello` that the text begins with, where that is not all of it. */
function withoutBeginning(text: string, hello: string): string {
  if (text.length <= hello.length) return text;
  let length = 0;
  while (length < hello.length && text[length] === hello[length]) length++;
  return text.slice(Math.min(length, text.length - hello.length));
}

function judgeEnd({ work, onHostLost, run: { status } }: RunEvidence): string[] {
  const { phase, reason, exitCode, restarts } = status;
  const was = `it ended as ${phase} (${reason}, exit code ${exitCode}, ${restarts} restarts): ${status.message}`;
  const ended = (isRight: boolean) => (isRight ? [] : [was]);
  switch (work.work) {
    case 'hello':
    case 'port':
    case 'large':
      return ended(phase === 'exited' && exitCode === 0);
    case 'lines':
      return ended(phase === 'exited' && exitCode === work.exitCode);
    case 'restarted':
      return ended(phase === 'exited' && exitCode === 0 && restarts === work.failures);
    case 'until-told':
      // What was told to end is not placed again.
      return ended(
        (phase === 'exited' && reason === (work.how === 'stop' ? 'stopped' : 'killed')) || (phase === 'lost' && onHostLost === 'replace'),
      );
    case 'called-off':
      return ended(phase === 'cancelled' || (phase === 'exited' && reason === 'stopped') || (phase === 'lost' && onHostLost === 'replace'));
  }
}
