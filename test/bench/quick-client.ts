/**
 * Creates runs with as little work of its own as possible: Node's bare HTTP over connections that stay open. The client of the control
 * plane's bench shares two cores with what it measures; `fetch` and parsing every answer would be a third of the figure.
 */
import { Agent, request } from 'node:http';
import type { RunSpec } from '@berth/shared/model/run';
import { z } from 'zod';
import type { Account } from '../support/client.ts';

const createdSchema = z.object({ metadata: z.object({ id: z.string() }) });

export class QuickClient {
  readonly #agent: Agent;
  readonly #url: URL;
  readonly #headers: Record<string, string>;

  constructor({ url, workspace, token }: Account, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#url = new URL(`${url}/v1/workspaces/${workspace}/runs`);
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  }

  /** The id of the new run. */
  createRun(spec: RunSpec): Promise<string> {
    const body = JSON.stringify({ spec });
    const headers = { ...this.#headers, 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 201) reject(new Error(`a create was answered with ${response.statusCode}: ${text}`));
          else resolve(createdSchema.parse(JSON.parse(text)).metadata.id);
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
