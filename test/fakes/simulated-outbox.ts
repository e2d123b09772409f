/**
 * What a simulated agent has still to tell: for each attempt a place in its phases and in each of its streams.
 * Nothing is copied: the engine keeps phases and output, so that a broken link or a new agent only moves the places back.
 */
import { isTerminal, type Phase } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import type { Reason } from '@berth/shared/model/reason';
import type { AttemptReport, LogOffsets, LogReport, Report, ReportAnswer } from '@berth/shared/protocol/agent';
import {
  COALESCE_MS,
  CONFIRM_WAITS_MS,
  GATHER_FOR_MS,
  LOG_FLUSH_BYTES,
  LOG_FLUSH_MS,
  PASSING,
  PASSING_MS,
} from '@berth/shared/protocol/report-pace';
import type { PhaseReport, SimulatedEngine } from './simulated-engine.ts';

interface Place {
  /** Phases and bytes that the api has. */
  phases: number;
  stdout: number;
  stderr: number;
  /** The same, once the report under way is answered. */
  sent: { phases: number };
  pull: Pull | null;
}

export class Outbox {
  readonly #engine: SimulatedEngine;
  readonly #places = new Map<string, Place>();
  /** Attempts that may have something to tell, in order of the first change. */
  readonly #touched = new Set<string>();
  readonly #forgotten = new Set<string>();
  /** What the api asked for last, and until when that holds. */
  #asked = { gatherMs: 0, until: 0 };
  /** A generation that the next report confirms. */
  #confirming: number | null = null;
  #synthesised: AttemptReport[] = [];
  #underWay: { attempts: string[]; synthesised: AttemptReport[] } = { attempts: [], synthesised: [] };

  constructor(engine: SimulatedEngine) {
    this.#engine = engine;
  }

  /** A session begins, with the whole set, which is confirmed anew; its api may be another one. */
  welcomed(): void {
    this.#asked = { gatherMs: 0, until: 0 };
    this.#confirming = null;
  }

  touch(attemptId: string): void {
    if (!this.#forgotten.has(attemptId)) this.#touched.add(attemptId);
  }

  /** Milliseconds until the next report is to go; null: there is nothing to tell. */
  nextDelay(sentAt: number): number | null {
    if (this.#synthesised.length > 0) return 0;
    let least: number | null = this.#confirming === null ? null : CONFIRM_WAITS_MS;
    for (const attemptId of this.#touched) least = Math.min(least ?? Number.POSITIVE_INFINITY, this.delayOf(attemptId, sentAt));
    return least;
  }

  /** Milliseconds until what there is of the attempt is to go up, as a real agent has it. */
  delayOf(attemptId: string, sentAt: number): number {
    const container = this.#engine.containers.get(attemptId);
    if (!container || isTerminal(container.phase)) return 0;
    const place = this.#place(attemptId);
    const waiting = container.output.stdout.length - place.stdout + container.output.stderr.length - place.stderr;
    if (waiting >= LOG_FLUSH_BYTES) return 0;
    if (waiting > 0) return Math.max(sentAt + LOG_FLUSH_MS - Date.now(), this.gatherMs, 0);
    return Math.max(PASSING.has(container.phase) ? PASSING_MS : COALESCE_MS, this.gatherMs);
  }

  /** What the api asks for at present. */
  get gatherMs(): number {
    return Date.now() < this.#asked.until ? this.#asked.gatherMs : 0;
  }

  /** True: the next report confirms it, after CONFIRM_WAITS_MS at the latest. */
  confirm(generation: number): boolean {
    if (this.gatherMs === 0) return false;
    this.#confirming = generation;
    return true;
  }

  forget(attemptId: string): void {
    this.#forgotten.add(attemptId);
    this.#touched.delete(attemptId);
    this.#places.delete(attemptId);
  }

  /** A phase of an attempt that never had a container. */
  synthesise(attemptId: string, phase: Phase, reason: Reason, message: string): void {
    const ends = { exitCode: null, signal: null, oomKilled: false, startedAt: null, finishedAt: new Date().toISOString() };
    this.#synthesised.push({ attemptId, phase, reason, message, at: ends.finishedAt, containerId: null, imageDigest: null, ...ends });
  }

  /** What the api has stored of the streams: the place to go on from. */
  stored({ attemptId, stdout, stderr }: LogOffsets): void {
    const place = this.#place(attemptId);
    place.stdout = stdout;
    place.stderr = stderr;
    this.touch(attemptId);
  }

  /** The next report, or null. A phase that ends an attempt goes only with the last of its output. */
  take(maxLogBytes: number): Report | null {
    const report: Report = { type: 'report', pulls: [], logs: [], phases: [...this.#synthesised] };
    this.#underWay = { attempts: [], synthesised: this.#synthesised };
    this.#synthesised = [];
    let room = maxLogBytes;
    for (const attemptId of this.#touched) {
      if (room === 0) break;
      const container = this.#engine.containers.get(attemptId);
      this.#touched.delete(attemptId);
      if (!container) continue;
      this.#underWay.attempts.push(attemptId);
      const place = this.#place(attemptId);
      let complete = true;
      for (const stream of ['stdout', 'stderr'] as const) {
        const data = container.output[stream].read(place[stream], room);
        room -= data.length;
        if (data.length > 0) report.logs.push(logReport(attemptId, stream, place[stream], data));
        if (place[stream] + data.length < container.output[stream].length) complete = false;
      }
      if (container.pull !== null && container.pull !== place.pull) {
        report.pulls.push({ attemptId, pull: container.pull });
        place.pull = container.pull;
      }
      place.sent.phases = place.phases;
      const passed: NonNullable<AttemptReport['passed']> = {};
      let newest: PhaseReport | null = null;
      for (const phase of container.phases.slice(place.phases)) {
        if (isTerminal(phase.phase) && !complete) break;
        if (newest !== null) passed[newest.phase] = newest.at;
        newest = phase;
        place.sent.phases++;
      }
      if (newest !== null) report.phases.push({ attemptId, ...newest, passed });
      if (!complete) this.#touched.add(attemptId);
    }
    if (this.#confirming !== null) report.assigned = this.#confirming;
    const says = report.pulls.length + report.logs.length + report.phases.length > 0 || this.#confirming !== null;
    this.#confirming = null;
    return says ? report : null;
  }

  confirmed({ logs, gatherMs }: Extract<ReportAnswer, { ok: true }>): void {
    this.#asked = { gatherMs: gatherMs ?? 0, until: Date.now() + GATHER_FOR_MS };
    for (const attemptId of this.#underWay.attempts) {
      const place = this.#places.get(attemptId);
      if (place) place.phases = place.sent.phases;
    }
    this.#underWay = { attempts: [], synthesised: [] };
    for (const offsets of logs) this.stored(offsets);
  }

  /** No answer came: all of it is to be told again. */
  linkBroken(): void {
    for (const attemptId of this.#underWay.attempts) {
      const place = this.#places.get(attemptId);
      if (place) place.pull = null;
      this.touch(attemptId);
    }
    this.#synthesised = [...this.#underWay.synthesised, ...this.#synthesised];
    this.#underWay = { attempts: [], synthesised: [] };
  }

  #place(attemptId: string): Place {
    let place = this.#places.get(attemptId);
    if (!place) {
      place = { phases: 0, stdout: 0, stderr: 0, sent: { phases: 0 }, pull: null };
      this.#places.set(attemptId, place);
    }
    return place;
  }
}

function logReport(attemptId: string, stream: 'stdout' | 'stderr', offset: number, data: LogReport['data']): LogReport {
  return { attemptId, stream, offset, at: new Date().toISOString(), data, dropped: 0, droppedReason: null };
}
