/** Images that cannot be had: what the user is told, in the registry's own words. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemFrom, type RunSpecInput } from '../support/client.ts';
import type { RegistryPart } from '../support/environment.ts';
import { pushBusybox } from '../support/images.ts';
import { startRegistry } from '../support/registry.ts';
import { ended, type FaultStage, openFaultStage } from './fault-stage.ts';

let stage: FaultStage;
let locked: RegistryPart;
let image: string;
const quick: Pick<RunSpecInput, 'command' | 'pullPolicy'> = { command: ['/bin/true'], pullPolicy: 'always' };

beforeAll(async () => {
  stage = await openFaultStage();
  await stage.berth.startAgent({ engine: stage.engine });
  locked = await startRegistry({ auth: true });
  await pushBusybox(locked, 'team/app', '1');
  image = `${locked.server}/team/app:1`;
});
afterAll(async () => {
  await stage?.close();
  await locked?.stop();
});

describe('an image reference that is none', () => {
  it.each([
    ['', 'must name an image'],
    ['Hello World', 'white space'],
    ['Team/App', 'lower case'],
    ['busybox:', 'tag'],
    ['busybox@sha256:12', 'digest'],
    ['http://example.com/busybox', ''],
  ])('"%s" is refused with 400, and the field is named', async (bad, why) => {
    const problem = await problemFrom(stage.client.createRun({ image: bad }));
    expect(problem).toMatchObject({ status: 400, code: 'invalid-request' });
    expect(problem.errors?.map(({ path }) => path)).toEqual(['spec.image']);
    expect(problem.errors?.[0]?.message).toContain(why);
  });
});

describe('a registry that does not give the image', () => {
  it('for want of the tag fails the run with its words', async () => {
    const run = await ended(
      stage.client,
      await stage.client.createRun({ ...quick, image: `${stage.mirror.server}/library/busybox:no-such` }),
    );
    expect(run.status).toMatchObject({ phase: 'failed', reason: 'image-not-found', exitCode: null, startedAt: null });
    expect(run.status.message).toContain('manifest unknown');
    expect(run.status.attempts[0]?.pull).toMatchObject({ state: 'failed', error: expect.stringContaining('manifest unknown') });
    expect(run.status.finishedAt).not.toBeNull();
  });

  it('for want of the repository fails the run with its words', async () => {
    const run = await ended(stage.client, await stage.client.createRun({ ...quick, image: `${stage.mirror.server}/nobody/nothing:1` }));
    expect(run.status).toMatchObject({ phase: 'failed', reason: 'image-not-found' });
    expect(run.status.message).toMatch(/not found|unknown/);
  });

  it('because it cannot be reached fails the run with what was tried', async () => {
    const run = await ended(stage.client, await stage.client.createRun({ ...quick, image: '127.0.0.1:1/team/app:1' }));
    expect(run.status).toMatchObject({ phase: 'failed', reason: 'registry-unreachable' });
    expect(run.status.message).toMatch(/127\.0\.0\.1:1.*connection refused/);
  });

  it('although it need not be asked: pullPolicy never fails where the host does not have the image', async () => {
    const run = await ended(stage.client, await stage.client.createRun({ image: 'absent:1', pullPolicy: 'never' }));
    expect(run.status).toMatchObject({ phase: 'failed', reason: 'image-not-present' });
    expect(run.status.message).toContain('absent:1');
  });
});

describe('a registry that asks for credentials', () => {
  it('refuses without them, and with wrong ones; with those of the workspace the image runs; another workspace still gets none', async () => {
    const { client, berth, engine } = stage;
    if (!locked.credentials) throw new Error('the registry asks for no credentials');
    const refused = await ended(client, await client.createRun({ ...quick, image }));
    expect(refused.status).toMatchObject({ phase: 'failed', reason: 'image-unauthorized' });
    expect(refused.status.message).toMatch(/no basic auth credentials|unauthorized|authentication required/);

    const other = await berth.tenant('other');
    await other.createRegistry({ server: locked.server, username: locked.credentials.username, password: 'wrong' });
    await berth.startAgent({ engine, client: other, name: 'of-another' });
    const wrong = await ended(other, await other.createRun({ ...quick, image }));
    expect(wrong.status).toMatchObject({ phase: 'failed', reason: 'image-unauthorized' });

    const saved = await client.createRegistry({ server: locked.server, ...locked.credentials });
    expect(JSON.stringify(saved)).not.toContain(locked.credentials.password);
    const allowed = await ended(client, await client.createRun({ ...quick, image }));
    expect(allowed.status).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0 });

    const still = await ended(other, await other.createRun({ ...quick, image }));
    expect(still.status).toMatchObject({ phase: 'failed', reason: 'image-unauthorized' });
  });
});
