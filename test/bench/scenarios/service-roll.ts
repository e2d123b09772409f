/** (r) A service of 10 replicas rolled to another template behind a Caddy, while clients ask without a pause: requests that fail. */
import { startBerth } from '../../support/berth.ts';
import { eventually } from '../../support/eventually.ts';
import { startProxy } from '../../support/proxy.ts';
import { says, WebClient } from '../../support/web-service.ts';
import type { Figure } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const DOMAIN = 'rolled.example.com';
const CLIENTS = 4;
/** On two cores ten web servers with health checks, and what replaces them, take a while. */
const PATIENCE_MS = 300_000;

export async function serviceRoll(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const replicas = quick ? 3 : 10;
  const proxy = await startProxy();
  const berth = await startBerth({ env: proxy.env });
  const { client } = berth;
  try {
    const { hostId } = await berth.startAgent({ engine: stage.engine, name: 'rolled' });
    await client.updateHost(hostId, { metadata: { labels: { 'berth.address': proxy.toHosts } } });
    const web = new WebClient(proxy);
    const spec = (version: string) => ({
      replicas,
      template: says(version),
      routes: [{ domain: DOMAIN, port: 80, tls: 'off' as const }],
      update: { drainSeconds: 1 },
    });
    const { metadata } = await client.createService('rolled', spec('one'));
    const rolled = (revision: number) =>
      eventually(
        `revision ${revision} on all`,
        async () => {
          const { status } = await client.getService(metadata.id);
          return (
            status.rollout === 'done' && status.targetRevision === revision && status.available === replicas && status.replicas === replicas
          );
        },
        () => client.getService(metadata.id),
        PATIENCE_MS,
      );
    await rolled(1);
    await eventually(
      'the domain to answer',
      async () => (await web.ask(DOMAIN)).body === 'one',
      () => web.ask(DOMAIN),
    );
    progress(`${replicas} replicas are available`);
    const asking = web.askAllTheTime(DOMAIN, CLIENTS);
    const start = performance.now();
    await client.updateService(metadata.id, spec('two'));
    await rolled(2);
    const seconds = (performance.now() - start) / 1000;
    await eventually(
      'only the new ones to answer',
      async () => (await web.ask(DOMAIN)).body === 'two',
      () => web.ask(DOMAIN),
    );
    const { bodies, failures } = await asking.stop();
    const total = [...bodies.values()].reduce((sum, count) => sum + count, 0) + failures.length;
    for (const failure of new Set(failures)) progress(`failed: ${failure}`);
    return [
      {
        scenario: 'r',
        name: `rolling update of ${replicas}, failed requests`,
        value: failures.length,
        unit: `of ${total}`,
        baseline: null,
        bound: { of: 'value', kind: 'at-most', limit: 0 },
        details: { seconds, clients: CLIENTS, one: bodies.get('one') ?? 0, two: bodies.get('two') ?? 0 },
      },
    ];
  } finally {
    await berth.stop();
    await proxy.stop();
  }
}
