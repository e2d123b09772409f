/** Puts pieces of streams behind each other into the merged logs of their runs (law L7: every byte once and in order). */
import type { LogReport } from '@berth/shared/protocol/agent';
import type { AttemptState, LogPiece } from './model.ts';

/** Pieces that follow each other are stored as one chunk up to this size: a chatty container does not cost a row a line. */
const CHUNK_BYTES = 256 * 1024;
/** And if they are this close in time: a chunk has one, also of what waited for long and comes at once. */
const SAME_MOMENT_MS = 1000;

export class LogAppender {
  readonly pieces: LogPiece[] = [];
  private readonly lastOfRun = new Map<string, LogPiece>();
  private readonly bytesOfRun = new Map<string, number>();

  /** Runs whose log has grown, with the length of their merged log. */
  get lengths(): ReadonlyMap<string, number> {
    return this.bytesOfRun;
  }

  /**
   * The attempt with its new offsets; the same object where all of the piece is stored already, or where it lies beyond a gap. The
   * answer to the report tells the agent from where to send again.
   */
  append(attempt: AttemptState, log: LogReport): AttemptState {
    const stored = log.stream === 'stdout' ? attempt.stdoutBytes : attempt.stderrBytes;
    const size = log.dropped > 0 ? log.dropped : log.data.length;
    const fresh = log.offset + size - stored;
    if (log.offset > stored || fresh <= 0) return attempt;
    const known = size - fresh;
    const position = this.bytesOfRun.get(attempt.runId) ?? attempt.runLogBytes;
    this.bytesOfRun.set(attempt.runId, position + fresh);
    this.add({
      runId: attempt.runId,
      workspaceId: attempt.workspaceId,
      attemptNumber: attempt.number,
      stream: log.stream,
      position,
      streamOffset: stored,
      at: log.at,
      data: log.dropped > 0 ? [] : [known === 0 ? log.data : log.data.subarray(known)],
      length: log.dropped > 0 ? 0 : fresh,
      dropped: log.dropped > 0 ? fresh : 0,
      droppedReason: log.dropped > 0 ? log.droppedReason : null,
      ...(log.dropped > 0 && log.droppedAtLeast && { droppedAtLeast: true }),
    });
    return {
      ...attempt,
      stdoutBytes: log.stream === 'stdout' ? stored + fresh : attempt.stdoutBytes,
      stderrBytes: log.stream === 'stderr' ? stored + fresh : attempt.stderrBytes,
    };
  }

  private add(piece: LogPiece): void {
    const last = this.lastOfRun.get(piece.runId);
    const joins =
      last !== undefined &&
      last.stream === piece.stream &&
      last.attemptNumber === piece.attemptNumber &&
      last.dropped === 0 &&
      piece.dropped === 0 &&
      last.length + piece.length <= CHUNK_BYTES &&
      Date.parse(piece.at) - Date.parse(last.at) < SAME_MOMENT_MS;
    if (joins) {
      last.data.push(...piece.data);
      last.length += piece.length;
      return;
    }
    this.pieces.push(piece);
    this.lastOfRun.set(piece.runId, piece);
  }
}
