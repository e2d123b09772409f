/** Redis, Postgres and the registry from their public images, by testcontainers. */
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { htpasswdLine, REGISTRY_USER } from '../../scripts/parts/registry.ts';
import type { Parts } from './environment.ts';
import { runStatement } from './statement.ts';

const address = (container: StartedTestContainer, port: number) => `${container.getHost()}:${container.getMappedPort(port)}`;
const stopping = (container: StartedTestContainer) => async () => {
  await container.stop();
};

export const partsFromImages: Parts = {
  source: 'public images',
  async redis() {
    const container = await new GenericContainer('redis:8').withExposedPorts(6379).withCommand(['redis-server', '--save', '']).start();
    return { url: `redis://${address(container, 6379)}`, stop: stopping(container) };
  },
  async postgres(template) {
    const container = await new GenericContainer('postgres:18')
      .withExposedPorts(5432)
      .withEnvironment({ POSTGRES_PASSWORD: 'postgres' })
      .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
      // The image starts it twice: once to initialise, once for good.
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start();
    const url = (database: string) => `postgresql://postgres:postgres@${address(container, 5432)}/${database}`;
    await runStatement(url('postgres'), `CREATE DATABASE ${template.database}`);
    await template.fill(url(template.database));
    return { url, stop: stopping(container) };
  },
  async registry(choice = {}) {
    let definition = new GenericContainer('registry:2')
      .withExposedPorts(choice.port ? { container: 5000, host: choice.port } : 5000)
      .withEnvironment({ REGISTRY_STORAGE_DELETE_ENABLED: 'true' });
    if (choice.auth) {
      definition = definition.withCopyContentToContainer([{ content: htpasswdLine(), target: '/auth/htpasswd' }]).withEnvironment({
        REGISTRY_AUTH: 'htpasswd',
        REGISTRY_AUTH_HTPASSWD_REALM: 'berth',
        REGISTRY_AUTH_HTPASSWD_PATH: '/auth/htpasswd',
      });
    }
    const container = await definition.start();
    // Docker takes a registry without TLS on 127.0.0.0/8 only.
    const server = `127.0.0.1:${container.getMappedPort(5000)}`;
    return { server, url: `http://${server}`, credentials: choice.auth ? REGISTRY_USER : null, stop: stopping(container) };
  },
};
