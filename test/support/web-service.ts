/** A service that answers over HTTP which version of it is asked, and a client of the proxy in front of it. */
import { Agent, get, type IncomingMessage } from 'node:http';
import { get as getTls } from 'node:https';
import type { ServiceSpecInput } from './client.ts';
import type { WebProxy } from './proxy.ts';

/** Each answer takes 50 ms, so that a stop would cut some of them off. */
export const says = (version: string): ServiceSpecInput['template'] => ({
  spec: {
    image: 'busybox',
    command: [
      '/bin/sh',
      '-c',
      `mkdir -p /www/cgi-bin; printf '#!/bin/sh\\necho "Content-Type: text/plain"; echo; sleep 0.05; echo ${version}\\n' > /www/cgi-bin/who
       chmod 755 /www/cgi-bin/who; httpd -f -p 80 -h /www & trap "kill $!; exit 0" TERM; while :; do sleep 0.1; done`,
    ],
    ports: [{ containerPort: 80 }],
    healthcheck: { command: ['/bin/sh', '-c', 'wget -q -O /dev/null http://127.0.0.1/cgi-bin/who'], intervalSeconds: 1 },
    stopGracePeriodSeconds: 2,
  },
});

export interface Answer {
  /** 0: there was none. */
  status: number;
  body: string;
}

/** As `curl` in a loop: a connection a request. One that is kept open is closed while it is idle by a proxy whose configuration changes, as HTTP allows. */
export class WebClient {
  readonly #agent = new Agent({ keepAlive: false });

  readonly #proxy: Pick<WebProxy, 'address' | 'httpPort' | 'httpsPort'>;

  constructor(proxy: Pick<WebProxy, 'address' | 'httpPort' | 'httpsPort'>) {
    this.#proxy = proxy;
  }

  /** Never rejects: a connection that broke is an answer without a status. */
  ask(domain: string, tls = false): Promise<Answer> {
    return new Promise((resolve) => {
      const fail = (error: Error) => resolve({ status: 0, body: String(error) });
      const { address, httpPort, httpsPort } = this.#proxy;
      const options = { host: address, port: tls ? httpsPort : httpPort, path: '/cgi-bin/who', headers: { host: domain } };
      const read = (answer: IncomingMessage) => {
        let body = '';
        answer.on('data', (piece: Buffer) => {
          body += piece.toString();
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: body.trim() }));
        answer.on('error', fail);
      };
      const request = tls
        ? getTls({ ...options, servername: domain, rejectUnauthorized: false }, read)
        : get({ ...options, agent: this.#agent }, read);
      request.on('error', fail);
    });
  }

  /** Asks without a pause, `clients` at a time, until `stop`, which answers how often each body came and what else did. */
  askAllTheTime(
    domain: string,
    clients: number,
  ): { stop(): Promise<{ bodies: Map<string, number>; failures: string[] }>; seen: Map<string, number> } {
    const seen = new Map<string, number>();
    const failures: string[] = [];
    let over = false;
    const asking = Array.from({ length: clients }, async () => {
      while (!over) {
        const { status, body } = await this.ask(domain);
        if (status === 200) seen.set(body, (seen.get(body) ?? 0) + 1);
        else failures.push(`${status} ${body}`);
      }
    });
    return {
      seen,
      async stop() {
        over = true;
        await Promise.all(asking);
        return { bodies: seen, failures };
      },
    };
  }
}
