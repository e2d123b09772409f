/**
 * Keeps the proxy's configuration as the services want it: whenever something of a service changed, and every few seconds in any case, for
 * the proxy may have been restarted without it. Several processes may do this at once: a write is refused where another came between.
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { RouteRepository } from '../persistence/route-repository.ts';
import { caddyConfig } from '../planning/proxy/caddy-config.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { Coalescing } from './coalescing.ts';

/** Between two writes: each has the proxy set up its servers anew. */
const PAUSE_MS = 100;
const TICK_MS = 5_000;
const ANSWER_MS = 10_000;
const MOST_TRIES = 5;

@Injectable()
export class ProxyRoutes implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('ProxyRoutes');
  private readonly asked = new Coalescing(() => this.keep(), PAUSE_MS);
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: () => void = () => undefined;
  private failing = false;
  private closing = false;

  constructor(
    private readonly routes: RouteRepository,
    private readonly wakeups: Wakeups,
    @Inject(ENV) private readonly env: Env,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.PROXY_ADMIN_URL === undefined) return;
    if (isHere(this.env.PROXY_ADMIN_URL) && resetsWhatWaits())
      this.log.warn(
        'a change of the routes may reset connections that the proxy has not taken yet: set sysctl net.ipv4.tcp_migrate_req=1 on this machine',
      );
    this.unsubscribe = this.wakeups.subscribe('routes', () => this.asked.add(['all']));
    this.timer = setInterval(() => this.asked.add(['all']), TICK_MS);
    this.asked.add(['all']);
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearInterval(this.timer);
    this.unsubscribe();
  }

  /** Never rejects: the next tick tries again. */
  private async keep(): Promise<void> {
    if (this.closing) return;
    try {
      for (let tries = 1; !(await this.write()); tries++) {
        if (tries === MOST_TRIES) throw new Error('its configuration is changed by somebody else all the time');
      }
      if (this.failing) this.log.log('the proxy takes its routes again');
      this.failing = false;
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      if (!this.failing)
        this.log.warn(`the proxy cannot be told its routes now: ${cause instanceof Error ? cause.message : String(cause)}`);
      this.failing = true;
    }
  }

  /** False: somebody else changed the configuration meanwhile. */
  private async write(): Promise<boolean> {
    const url = new URL('/config/', this.env.PROXY_ADMIN_URL);
    const read = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!read.ok) throw new Error(`it answered ${read.status}`);
    const current: unknown = await read.json();
    const listens = { https: this.env.PROXY_HTTPS_LISTEN, http: this.env.PROXY_HTTP_LISTEN };
    const next = caddyConfig(current, await this.routes.all(), listens);
    if (isDeepStrictEqual(next, current ?? {})) return true;
    const etag = read.headers.get('etag');
    const written = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(etag !== null && { 'if-match': etag }) },
      body: JSON.stringify(next),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (written.status === 412) return false;
    if (!written.ok) throw new Error(`it refused them: ${written.status} ${(await written.text()).slice(0, 500)}`);
    return true;
  }
}

const isHere = (url: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);

/** With each configuration Caddy listens on new sockets; connections that wait in the old ones move over only where the kernel is told to. */
function resetsWhatWaits(): boolean {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').trim() === '0';
  } catch {
    // No Linux, or one before 5.14: there is nothing to set.
    return false;
  }
}
