/** PURE. Whether a run came to the end that its work wants, whatever happened meanwhile. */
import type { Run } from '@berth/shared/model/run';
import { judgeLog } from './judge-log.ts';
import { linesOf, type Work } from './work.ts';

export interface RunEvidence {
  work: Work;
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
  const hadNoRoom = status.reason === 'disk-full' && status.startedAt === null && within(evidence.diskFills, evidence) > 0;
  const complaints = hadNoRoom ? [] : judgeEnd(work, run);
  if (status.waiting !== null) complaints.push(`it is ${status.phase} and waits: ${status.waiting.message}`);
  const isWhole = status.phase === 'exited' && status.reason !== 'stopped' && status.reason !== 'killed';
  const gaps = gapsOf(evidence);
  if (work.work === 'hello') {
    const isAll = gaps > 0 ? hello.startsWith(stdout) : stdout === hello;
    if (isWhole && !isAll) complaints.push(`its output is ${JSON.stringify(stdout.slice(0, 300))}`);
    if (stderr !== '') complaints.push(`it wrote to stderr: ${JSON.stringify(stderr.slice(0, 300))}`);
    return complaints;
  }
  const lives = status.attempts.reduce((sum, { startedAt, restarts }) => sum + (startedAt === null ? 0 : 1 + restarts), 0);
  return [...complaints, ...judgeLog(stdout, stderr, { lives, lines: linesOf(work).lines, isWhole, gaps })];
}

/** Docker loses what it had read of a container and not yet written when it is killed; and what nobody read while it was away. */
function gapsOf(evidence: RunEvidence): number {
  if (evidence.run.status.message.includes('may be missing')) return Number.POSITIVE_INFINITY;
  return within(evidence.engineKills, evidence) * GAP_LINES;
}

/** A fault lasts for some seconds, and may have begun before the run. */
const FAULT_MS = 20_000;

const within = (moments: readonly number[], { from, until }: RunEvidence) =>
  moments.filter((at) => at >= from - FAULT_MS && at <= until).length;

function judgeEnd(work: Work, { status }: Run): string[] {
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
      return ended(phase === 'exited' && reason === (work.how === 'stop' ? 'stopped' : 'killed'));
    case 'called-off':
      return ended(phase === 'cancelled' || (phase === 'exited' && reason === 'stopped'));
  }
}
