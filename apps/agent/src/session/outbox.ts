/**
 * What waits to be reported. One report is in flight at a time; what was not acknowledged is sent again after a reconnect.
 *
 * Invariants: of phases and pulls only the newest of an attempt is kept, so the outbox is bounded by the attempts; an end goes into
 * a report only together with, or after, the last byte of its output (law L7).
 */
import { isTerminal } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import {
  type AttemptReport,
  type LogOffsets,
  type LogReport,
  MAX_REPORT_LOG_BYTES,
  MAX_REPORT_LOG_PIECES,
  type Report,
  type ReportAnswer,
} from '@berth/shared/protocol/agent';
import {
  COALESCE_MS,
  CONFIRM_WAITS_MS,
  GATHER_FOR_MS,
  LOG_FLUSH_BYTES,
  LOG_FLUSH_MS,
  PASSING,
  PASSING_MS,
} from '@berth/shared/protocol/report-pace';
import type { AttemptOutput } from '../logs/attempt-output.ts';

/** Never answers where the link breaks first. */
export type SendReport = (report: Report, asText: boolean) => Promise<ReportAnswer>;

/** At most 5 reports of an attempt's pull a second. */
const PULL_MS = 200;

export interface OutboxEvents {
  /** The end of the attempt is durable in the api. */
  delivered(attemptId: string): void;
  /** Ends before a restart, up to this number, are durable in the api. */
  exitsStored(attemptId: string, number: number): void;
  /** The attempt is no longer this host's. */
  unknown(attemptId: string): void;
}

export class Outbox {
  readonly #events: OutboxEvents;
  readonly #outputs = new Map<string, AttemptOutput>();
  readonly #phases = new Map<string, AttemptReport>();
  readonly #pulls = new Map<string, Pull>();
  readonly #pullSentAt = new Map<string, number>();
  #send: SendReport | null = null;
  #inFlight = false;
  #due: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #sentAt = 0;
  #turn = 0;
  /** Many are being launched: what is due soon waits for what comes with it, up to LOG_FLUSH_MS, and goes up together. */
  gather = false;
  /** What the api asked for last, and until when that holds. */
  #asked = { gatherMs: 0, until: 0 };
  /** A generation that the next report confirms. */
  #confirming: number | null = null;

  constructor(events: OutboxEvents) {
    this.#events = events;
  }

  phase(report: AttemptReport): void {
    const before = this.#phases.get(report.attemptId);
    const sameLife = before?.restarts === report.restarts;
    const passed = !sameLife
      ? undefined
      : before && before.phase !== report.phase
        ? { ...before.passed, [before.phase]: before.at }
        : before?.passed;
    this.#phases.set(report.attemptId, passed ? { ...report, passed } : report);
    this.#schedule(this.#phaseDelay(report));
  }

  #phaseDelay({ attemptId, phase }: AttemptReport): number {
    // An end waits for the last of its output: completing it schedules again.
    if (isTerminal(phase)) return this.gather || this.#outputs.get(attemptId)?.complete === false ? LOG_FLUSH_MS : 0;
    return Math.max(this.gather || PASSING.has(phase) ? PASSING_MS : COALESCE_MS, this.#gatherMs);
  }

  get #gatherMs(): number {
    return Date.now() < this.#asked.until ? this.#asked.gatherMs : 0;
  }

  pull(attemptId: string, pull: Pull): void {
    this.#pulls.set(attemptId, pull);
    this.#schedule(Math.max(this.#pullDelay(attemptId, pull, Date.now()), this.#gatherMs));
  }

  #pullDelay(attemptId: string, pull: Pull, now: number): number {
    if (pull.state !== 'pulling') return COALESCE_MS;
    return Math.max(COALESCE_MS, (this.#pullSentAt.get(attemptId) ?? 0) + PULL_MS - now);
  }

  /** The generation is confirmed by the next report. False: the api did not ask to gather, it is to be told at once. */
  confirm(generation: number): boolean {
    if (this.#gatherMs === 0) return false;
    this.#confirming = generation;
    this.#schedule(CONFIRM_WAITS_MS);
    return true;
  }

  addOutput(attemptId: string, output: AttemptOutput): void {
    this.#outputs.set(attemptId, output);
  }

  output(attemptId: string): AttemptOutput | undefined {
    return this.#outputs.get(attemptId);
  }

  /** There is more of its output, or all of it is there. */
  outputChanged(attemptId: string): void {
    const output = this.#outputs.get(attemptId);
    if (!output) return;
    if (output.buffer.bytes >= LOG_FLUSH_BYTES) this.#schedule(0);
    else if (this.gather) this.#schedule(LOG_FLUSH_MS);
    else this.#schedule(this.#isWhole(attemptId) ? 0 : Math.max(this.#sentAt + LOG_FLUSH_MS - Date.now(), this.#gatherMs));
  }

  /** Its end is known, and the last of its output is there. */
  #isWhole(attemptId: string): boolean {
    const phase = this.#phases.get(attemptId)?.phase;
    return phase !== undefined && isTerminal(phase) && this.#outputs.get(attemptId)?.complete === true;
  }

  /** There is none to wait for: its container will never run. */
  dropOutput(attemptId: string): void {
    this.#outputs.get(attemptId)?.close();
    this.#outputs.delete(attemptId);
  }

  forget(attemptId: string): void {
    this.dropOutput(attemptId);
    this.#phases.delete(attemptId);
    this.#pulls.delete(attemptId);
    this.#pullSentAt.delete(attemptId);
  }

  /** A session is up; `stored` is what the api has of each stream. */
  online(send: SendReport, stored: LogOffsets[]): void {
    // It may be another api, of an earlier version; and it begins with the whole set, which is confirmed anew.
    this.#asked = { gatherMs: 0, until: 0 };
    this.#confirming = null;
    this.#send = send;
    this.#inFlight = false;
    for (const offsets of stored) this.#outputs.get(offsets.attemptId)?.acknowledge(offsets);
    this.#schedule(0);
  }

  offline(): void {
    this.#send = null;
    this.#inFlight = false;
  }

  close(): void {
    this.offline();
    if (this.#timer) clearTimeout(this.#timer);
    for (const output of this.#outputs.values()) output.close();
  }

  #schedule(delayMs: number): void {
    const due = Date.now() + Math.max(0, delayMs);
    if (this.#due !== null && this.#due <= due) return;
    this.#due = due;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (delayMs > 0) this.#timer = setTimeout(() => this.#flush(), delayMs);
    else setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#due === null) return;
    this.#due = null;
    if (!this.#send || this.#inFlight) return;
    const report = this.#build();
    if (report.logs.length === 0 && report.phases.length === 0 && report.pulls.length === 0 && this.#confirming === null) return;
    if (this.#confirming !== null) report.assigned = this.#confirming;
    this.#confirming = null;
    const send = this.#send;
    this.#inFlight = true;
    this.#sentAt = Date.now();
    send(report, this.#gatherMs > 0).then(
      (answer) => this.#send === send && this.#answered(report, answer),

      () => undefined,
    );
  }

  #build(): Report {
    const now = Date.now();
    const { logs, drained } = this.#takeLogs();
    const phases = [...this.#phases.values()].filter((phase) => !isTerminal(phase.phase) || drained(phase.attemptId));
    // An end is the last word of its attempt: how the pull went goes with it.
    const ending = new Set(phases.filter((phase) => isTerminal(phase.phase)).map((phase) => phase.attemptId));
    const pulls: Report['pulls'] = [];
    for (const [attemptId, pull] of this.#pulls) {
      const delay = this.#pullDelay(attemptId, pull, now);
      if (delay > COALESCE_MS && !ending.has(attemptId)) this.#schedule(delay);
      else {
        pulls.push({ attemptId, pull });
        this.#pullSentAt.set(attemptId, now);
      }
    }
    return { type: 'report', pulls, logs, phases };
  }

  /** `drained`: the output of the attempt is all there and ends within this report, or it has none. */
  #takeLogs(): { logs: LogReport[]; drained: (attemptId: string) => boolean } {
    const waiting = [...this.#outputs].filter(([, output]) => !output.buffer.empty);
    const logs: LogReport[] = [];
    const cut = new Set<string>(waiting.map(([attemptId]) => attemptId));
    const share = Math.max(LOG_FLUSH_BYTES, Math.floor(MAX_REPORT_LOG_BYTES / Math.max(1, waiting.length)));
    let room = MAX_REPORT_LOG_BYTES;
    this.#turn++;
    for (let i = 0; i < waiting.length && room > 0 && logs.length < MAX_REPORT_LOG_PIECES; i++) {
      const entry = waiting[(i + this.#turn) % waiting.length];
      if (!entry) continue;
      const [attemptId, output] = entry;
      const taken = output.buffer.peek(Math.min(share, room), MAX_REPORT_LOG_PIECES - logs.length);
      logs.push(...taken.reports);
      room -= taken.bytes;
      if (taken.all) cut.delete(attemptId);
    }
    const drained = (attemptId: string) => !cut.has(attemptId) && (this.#outputs.get(attemptId)?.complete ?? true);
    return { logs, drained };
  }

  #answered(report: Report, answer: ReportAnswer): void {
    this.#inFlight = false;
    if (!answer.ok) {
      this.#schedule(answer.retryInMs);
      return;
    }
    this.#asked = { gatherMs: answer.gatherMs ?? 0, until: Date.now() + GATHER_FOR_MS };
    for (const offsets of answer.logs) this.#outputs.get(offsets.attemptId)?.acknowledge(offsets);
    for (const { attemptId, pull } of report.pulls) if (this.#pulls.get(attemptId) === pull) this.#pulls.delete(attemptId);
    for (const phase of report.phases) {
      const exit = phase.exits?.at(-1);
      if (exit) this.#events.exitsStored(phase.attemptId, exit.number);
      if (this.#phases.get(phase.attemptId) === phase) this.#phases.delete(phase.attemptId);
      if (isTerminal(phase.phase)) this.#finished(phase.attemptId);
    }
    for (const attemptId of answer.unknown) {
      this.forget(attemptId);
      this.#events.unknown(attemptId);
    }
    // Room has come free for every attempt, not only for those of this report.
    for (const output of this.#outputs.values()) output.pump();
    this.#scheduleRest();
  }

  #finished(attemptId: string): void {
    this.forget(attemptId);
    this.#events.delivered(attemptId);
  }

  #scheduleRest(): void {
    for (const attemptId of this.#outputs.keys()) {
      if (!this.#outputs.get(attemptId)?.buffer.empty) this.outputChanged(attemptId);
    }
    for (const report of this.#phases.values()) this.#schedule(this.#phaseDelay(report));
    if (this.#confirming !== null) this.#schedule(CONFIRM_WAITS_MS);
    const now = Date.now();
    for (const [attemptId, pull] of this.#pulls) this.#schedule(Math.max(this.#pullDelay(attemptId, pull, now), this.#gatherMs));
  }
}
