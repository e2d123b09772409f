/**
 * The console's one websocket. It knows what is subscribed, asks for it again after every reconnect from where the reader
 * stands (each subscription names its own cursor), and says truthfully whether what is on the screen is live.
 *
 * Invariants: a push is acknowledged only after its subscriber took it (law L7: the api sends the next one then);
 * a push for a subscription of an earlier connection is ignored, because `sub` names are never used twice.
 */
import type { LogChunk, Push, Subscribe, SubscribeAnswer, Tail } from '@berth/shared/events/console-socket';
import type { BerthEvent, Cursor } from '@berth/shared/events/event';
import { chunksFrom } from '@berth/shared/events/log-chunks';
import type { HostFilter } from '@berth/shared/model/host-map';
import type { Run } from '@berth/shared/model/run';
import type { Sample } from '@berth/shared/model/sample';
import { blockOf, unpack } from '@berth/shared/protocol/packed';
import type { Socket } from 'socket.io-client';

export type Connection =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'reconnecting'; since: number }
  /** Not live for STALE_AFTER_MS; `since`: when it last was. */
  | { state: 'stale'; since: number };

/** These two as the contract says (console-socket.ts); its module brings a validator with it, which the first load does without. */
const TAKEN_BYTES = 64 * 1024;
/** Characters in one message of keys; more is pasted as several. */
const TYPED_AT_ONCE = 65_536;
/** A break shorter than this is called reconnecting, a longer one stale. */
export const STALE_AFTER_MS = 5000;
const RETRY_REFUSED_MS = 3000;
/** A websocket whose other end fell silent stays open for 45 s; asking finds out sooner. */
const PROBE_EVERY_MS = 5000;
const PROBE_TIMEOUT_MS = 4000;
/** Ends of a subscription that say nothing about what was subscribed to. */
const TRANSIENT = ['unavailable', 'internal', 'rate-limited', 'unauthenticated'];

/** `Subscribe` without `sub`, which is this module's affair. */
type Asked = Subscribe extends infer One ? (One extends Subscribe ? Omit<One, 'sub'> : never) : never;

interface Subscription {
  ask: () => Asked;
  take: (push: Push) => void;
  /** Of a log: takes what is new of it. Returns the position that it is to be told to the api, null for not yet. */
  tail?: (tail: Tail) => number | null;
  /** The api took the subscription; `cursor` is where it starts. */
  accepted?: (cursor: string | number | null) => void;
  /** It will not come again by itself: expired cursor, or the resource is gone. */
  ended?: (code: string) => void;
  /** The name in use on the present connection. */
  sub: string | null;
  live: boolean;
}

export interface EventsHandler {
  events: (events: BerthEvent[]) => void;
  /** Changes may have been missed: read again what is shown. */
  missed: () => void;
}

export interface LogHandler {
  /** Cursor to resume from: bytes of the merged log that are already here. */
  position: () => number;
  chunks: (chunks: LogChunk[], next: number, complete: boolean) => void;
  ended: (code: string) => void;
}

/** `whole`: the cells are all there are. */
export type HostMapChange = Pick<Extract<Push, { channel: 'hosts' }>, 'whole' | 'cells' | 'gone'>;

export interface TerminalHandler {
  /** Bytes of its output that are here. */
  position: () => number;
  output: (output: { from: number; data: Uint8Array; next: number; ended: { exitCode: number | null } | null }) => void;
  /** It is no longer there. */
  ended: () => void;
}
export interface WatchedTerminal {
  stop: () => void;
  type: (keys: string) => void;
  resize: (columns: number, rows: number) => void;
}

export class Realtime {
  #socket: Socket | null = null;
  #subscriptions = new Set<Subscription>();
  #names = 0;
  #connection: Connection = { state: 'connecting' };
  #listeners = new Set<() => void>();
  #staleTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #probeTimer: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  /** `signedOut`: the api no longer knows who this is. */
  constructor(readonly signedOut: () => void) {
    window.addEventListener('offline', this.#offline);
    window.addEventListener('online', this.#online);
    this.#probeTimer = setInterval(() => void this.#probe(), PROBE_EVERY_MS);
    void this.#open();
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** For useSyncExternalStore. */
  onConnection = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** All changes of a workspace, each once and in order; returns how to stop. */
  watchEvents(workspace: string, handler: EventsHandler): () => void {
    let cursor: Cursor | null = null;
    return this.#add({
      ask: () => ({ channel: 'events', workspace, after: cursor }),
      take: (push) => {
        if (push.channel !== 'events') return;
        cursor = push.cursor;
        if (push.events.length > 0) handler.events(push.events);
      },
      accepted: (start) => {
        if (cursor !== null) return;
        cursor = typeof start === 'string' ? start : null;
        handler.missed();
      },
      ended: () => {
        cursor = null; // expired: from now on, after reading everything again
      },
    });
  }

  /** The run as it is, whenever it changed; null once it is gone. */
  watchRun(workspace: string, run: string, changed: (run: Run | null) => void): () => void {
    return this.#add({
      ask: () => ({ channel: 'run', workspace, run }),
      take: (push) => {
        if (push.channel === 'run') changed(push.run);
      },
    });
  }

  /** All hosts of a filter, and then what changes of them; all of them again after a reconnect. */
  watchHosts(workspace: string, filter: HostFilter, take: (change: HostMapChange) => void): () => void {
    return this.#add({
      ask: () => ({ channel: 'hosts', workspace, filter }),
      take: (push) => {
        if (push.channel === 'hosts') take(push);
      },
    });
  }

  /** What a run uses each second, or all runs of the workspace each 10 s (`run` null). */
  watchStats(workspace: string, run: string | null, take: (samples: { run: string; sample: Sample }[]) => void): () => void {
    return this.#add({
      ask: () => ({ channel: 'stats', workspace, run }),
      take: (push) => {
        if (push.channel === 'stats') take(push.samples);
      },
    });
  }

  /** A terminal from `handler.position()` on. */
  watchTerminal(workspace: string, run: string, terminal: string, handler: TerminalHandler): WatchedTerminal {
    return this.#addTyped({
      ask: () => ({ channel: 'terminal', workspace, run, terminal, after: handler.position() }),
      take: (push) => {
        if (push.channel === 'terminal')
          handler.output({ ...push, data: push.data instanceof ArrayBuffer ? new Uint8Array(push.data) : push.data });
      },
      ended: (code) => {
        if (!TRANSIENT.includes(code)) handler.ended();
      },
    });
  }

  /** The standard input of a run; what it writes is in its log. `refused`: why keys did not get there. */
  attachInput(workspace: string, run: string, refused: (why: string) => void): WatchedTerminal {
    return this.#addTyped({
      ask: () => ({ channel: 'input', workspace, run }),
      take: (push) => {
        if (push.channel === 'input') refused(push.refused);
      },
    });
  }

  /** The log from `handler.position()` on; after a reconnect from there again, so nothing is lost and nothing comes twice. */
  watchLog(workspace: string, run: string, handler: LogHandler): () => void {
    let told = 0;
    return this.#add({
      ask: () => ({ channel: 'log', workspace, run, after: handler.position() }),
      take: (push) => {
        if (push.channel !== 'log') return;
        handler.chunks(chunksFrom(unpack(push.chunks, push.data), handler.position()), push.next, push.complete);
        told = push.next;
      },
      tail: (tail) => {
        // A tail may be for an earlier subscription to the same log that has just ended.
        const position = handler.position();
        if (tail.run !== run || tail.from > position || (tail.next <= position && !tail.complete)) return null;
        handler.chunks(chunksFrom(unpack(tail.chunks, blockOf(tail.data)), position), tail.next, tail.complete);
        if (tail.next - told < TAKEN_BYTES) return null;
        told = tail.next;
        return told;
      },
      ended: handler.ended,
    });
  }

  close(): void {
    this.#closed = true;
    window.removeEventListener('offline', this.#offline);
    window.removeEventListener('online', this.#online);
    clearTimeout(this.#staleTimer);
    clearTimeout(this.#retryTimer);
    clearInterval(this.#probeTimer);
    this.#socket?.disconnect();
  }

  async #open(): Promise<void> {
    const { io } = await import('socket.io-client');
    if (this.#closed) return;
    const socket = io('/console', {
      path: '/v1/socket',
      transports: ['websocket'],
      reconnectionDelay: 200,
      reconnectionDelayMax: 3000,
      timeout: 5000,
    });
    this.#socket = socket;
    socket.on('connect', () => {
      for (const subscription of this.#subscriptions) this.#subscribe(subscription);
      this.#settle();
    });
    socket.on('disconnect', (reason) => {
      for (const subscription of this.#subscriptions) {
        subscription.sub = null;
        subscription.live = false;
      }
      this.#settle();
      // The server closed it on purpose: socket.io does not come back by itself then.
      if (reason === 'io server disconnect') this.#retryLater();
    });
    socket.on('connect_error', (error) => {
      if (error.message === 'unauthenticated') this.signedOut();
      this.#settle();
      if (!socket.active) this.#retryLater();
    });
    socket.on('tail', (tail: Tail) => {
      for (const { sub, tail: take } of this.#subscriptions) {
        const next = sub === null ? null : (take?.(tail) ?? null);
        if (next !== null) socket.emit('taken', { sub, next });
      }
    });
    socket.on('push', (push: Push, acknowledge?: () => void) => {
      for (const subscription of this.#subscriptions) {
        if (subscription.sub !== push.sub) continue;
        if (push.channel === 'ended') this.#end(subscription, push.code);
        else subscription.take(push);
        break;
      }
      acknowledge?.();
    });
  }

  /** What is typed while there is no connection is lost: nobody wants it to be run later. */
  #addTyped(given: Omit<Subscription, 'sub' | 'live' | 'accepted'>): WatchedTerminal {
    let size: { columns: number; rows: number } | null = null;
    const { stop, sub } = this.#addNamed({ ...given, accepted: () => say('size', size ?? {}) });
    const say = (event: 'type' | 'size', message: object) => {
      const name = sub();
      if (name !== null && this.#socket?.connected && Object.keys(message).length > 0) this.#socket.emit(event, { sub: name, ...message });
    };
    return {
      stop,
      type: (keys) => {
        // A character outside the basic plane is two units of a string: it must not be torn.
        for (let at = 0; at < keys.length; ) {
          const most = keys.slice(at, at + TYPED_AT_ONCE);
          const data = at + most.length < keys.length && /[\uD800-\uDBFF]$/.test(most) ? most.slice(0, -1) : most;
          say('type', { data });
          at += data.length;
        }
      },
      resize: (columns, rows) => {
        size = { columns, rows };
        say('size', size);
      },
    };
  }

  #add(given: Omit<Subscription, 'sub' | 'live'>): () => void {
    return this.#addNamed(given).stop;
  }

  /** `sub`: its name on the present connection. */
  #addNamed(given: Omit<Subscription, 'sub' | 'live'>): { stop: () => void; sub: () => string | null } {
    const subscription: Subscription = { ...given, sub: null, live: false };
    this.#subscriptions.add(subscription);
    if (this.#socket?.connected) this.#subscribe(subscription);
    this.#settle();
    const stop = () => {
      this.#subscriptions.delete(subscription);
      if (this.#socket?.connected && subscription.sub) this.#socket.emit('unsubscribe', { sub: subscription.sub });
      this.#settle();
    };
    return { stop, sub: () => subscription.sub };
  }

  #subscribe(subscription: Subscription): void {
    const sub = `s${++this.#names}`;
    subscription.sub = sub;
    subscription.live = false;
    this.#socket?.emit('subscribe', { ...subscription.ask(), sub }, (answer: SubscribeAnswer) => {
      if (subscription.sub !== sub) return;
      if (answer.ok) {
        subscription.live = true;
        subscription.accepted?.(answer.cursor);
      } else this.#end(subscription, answer.code);
      this.#settle();
    });
  }

  #end(subscription: Subscription, code: string): void {
    subscription.sub = null;
    subscription.live = true; // its end is known: nothing that is shown is out of date because of it
    subscription.ended?.(code);
    if (code === 'cursor-expired') this.#subscribe(subscription);
    else if (TRANSIENT.includes(code)) {
      subscription.live = false;
      setTimeout(() => {
        if (this.#subscriptions.has(subscription) && subscription.sub === null && this.#socket?.connected) this.#subscribe(subscription);
      }, RETRY_REFUSED_MS);
    }
  }

  #retryLater(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#socket?.connect(), RETRY_REFUSED_MS);
  }

  async #probe(): Promise<void> {
    if (!this.#socket?.connected || document.hidden) return;
    const { id } = this.#socket;
    try {
      await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    } catch {
      // The connection that was asked about, not one that came meanwhile.
      if (this.#socket.id === id) this.#socket.io.engine?.close();
    }
  }

  #offline = (): void => {
    // A browser keeps a dead websocket open for up to a minute; what it knows already is the truth.
    this.#socket?.io.engine?.close();
  };

  #online = (): void => {
    if (!this.#socket?.connected) this.#socket?.connect();
  };

  /** Works out what is so now, and tells the listeners if that is new. */
  #settle(): void {
    const live = this.#socket?.connected === true && [...this.#subscriptions].every((subscription) => subscription.live);
    if (live) {
      clearTimeout(this.#staleTimer);
      this.#staleTimer = undefined;
      if (this.#connection.state !== 'live') this.#say({ state: 'live' });
      return;
    }
    // A new subscription on a good connection is answered in milliseconds: not worth a flicker.
    if (this.#connection.state === 'live' && this.#socket?.connected) return;
    if (this.#connection.state === 'live') this.#say({ state: 'reconnecting', since: Date.now() });
    if (this.#staleTimer === undefined && this.#connection.state !== 'stale') {
      const since = Date.now();
      this.#staleTimer = setTimeout(() => {
        this.#staleTimer = undefined;
        if (this.#connection.state !== 'live') this.#say({ state: 'stale', since });
      }, STALE_AFTER_MS);
    }
  }

  #say(connection: Connection): void {
    this.#connection = connection;
    for (const listener of this.#listeners) listener();
  }
}
