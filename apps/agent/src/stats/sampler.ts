/**
 * Samples of what the containers of this host use: each 10 s, and each second where somebody watches. Samples are at most once: what
 * cannot be sent is let go, and shows as a gap.
 */
import { SAMPLE_SECONDS, type Sample } from '@berth/shared/model/sample';
import type { AttemptSample } from '@berth/shared/protocol/agent';
import type { ContainerEngine } from '../engine/container-engine.ts';
import type { ObservedContainer } from '../planner/model.ts';
import { openCgroup } from './cgroup-reader.ts';
import { type Counters, sampleBetween } from './counters.ts';

/** A container is looked at so soon after it was first seen to run, so that short ones leave something behind. */
const FIRST_STORED_MS = 1000;

interface Sampled {
  life: string;
  /** Null: being looked for, or gone. */
  read: (() => Promise<Counters | null>) | null;
  live: Counters | null;
  stored: Counters | null;
  /** When the next one to be stored is due. */
  dueAt: number;
  busy: boolean;
}

export interface SamplerOptions {
  engine: ContainerEngine;
  containers: () => Iterable<ObservedContainer>;
  send: (samples: AttemptSample[]) => void;
}

export class Sampler {
  readonly #options: SamplerOptions;
  readonly #sampled = new Map<string, Sampled>();
  /** Until when each attempt is watched. */
  readonly #watched = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  #samples: AttemptSample[] = [];

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#wait();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  watch(attemptIds: readonly string[], leaseSeconds: number): void {
    for (const attemptId of attemptIds) this.#watched.set(attemptId, Date.now() + leaseSeconds * 1000);
  }

  /** Until the next whole second of a clock that only goes forward: an interval begins anew after what it called, and would come less often than each second. */
  #wait(): void {
    const every = SAMPLE_SECONDS.live * 1000;
    this.#timer = setTimeout(
      () => {
        this.#wait();
        this.#tick(Date.now());
      },
      every - (performance.now() % every),
    );
  }

  #tick(now: number): void {
    const seen = new Set<string>();
    for (const [attemptId, until] of this.#watched) if (until < now) this.#watched.delete(attemptId);
    for (const container of this.#options.containers()) {
      if (container.state !== 'running') continue;
      seen.add(container.attemptId);
      const sampled = this.#of(container, now);
      const live = this.#watched.has(container.attemptId);
      if (!sampled.busy && (live || sampled.dueAt <= now)) void this.#sample(container.attemptId, sampled, live, now);
    }
    for (const attemptId of this.#sampled.keys()) if (!seen.has(attemptId)) this.#sampled.delete(attemptId);
  }

  #of(container: ObservedContainer, now: number): Sampled {
    const life = `${container.containerId} ${container.startedAt}`;
    const known = this.#sampled.get(container.attemptId);
    if (known?.life === life) return known;
    const fresh: Sampled = { life, read: null, live: null, stored: null, dueAt: now, busy: true };
    this.#sampled.set(container.attemptId, fresh);
    void this.#reader(container.containerId).then((read) => {
      Object.assign(fresh, { read, busy: read === null });
    });
    return fresh;
  }

  async #reader(containerId: string): Promise<Sampled['read']> {
    const { engine } = this.#options;
    const found = await engine.rawInspection(containerId);
    const state: unknown = found.ok ? found.value.State : null;
    const pid = typeof state === 'object' && state !== null && 'Pid' in state ? Number(state.Pid) : 0;
    const cgroup = pid > 0 ? openCgroup(pid, containerId) : null;
    if (cgroup) return async () => cgroup.read();
    return async () => {
      const counters = await engine.counters(containerId);
      return counters.ok ? counters.value : null;
    };
  }

  async #sample(attemptId: string, sampled: Sampled, live: boolean, now: number): Promise<void> {
    sampled.busy = true;
    try {
      const counters = (await sampled.read?.()) ?? null;
      if (!counters) return;
      const at = new Date();
      const due = sampled.dueAt <= now;
      if (live && sampled.live) this.#add(attemptId, sampleBetween(sampled.live, counters, at), false);
      sampled.live = counters;
      if (!due) return;
      if (sampled.stored) this.#add(attemptId, sampleBetween(sampled.stored, counters, at), true);
      sampled.dueAt = now + (sampled.stored ? SAMPLE_SECONDS.stored * 1000 : FIRST_STORED_MS);
      sampled.stored = counters;
    } catch {
      // It ended in this moment; the reconciler hears of it.
    } finally {
      sampled.busy = false;
    }
  }

  #add(attemptId: string, sample: Sample | null, stored: boolean): void {
    if (!sample) return;
    if (this.#samples.length === 0) setImmediate(() => this.#flush());
    this.#samples.push({ attemptId, stored, ...sample });
  }

  #flush(): void {
    const samples = this.#samples;
    this.#samples = [];
    this.#options.send(samples);
  }
}
