/** The key of a host is replaced by its agent, on request and by its age, without a moment in which it has none; and it is revoked. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Agent, type Berth, startBerth } from '../support/berth.ts';
import { problemFrom } from '../support/client.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { runStatement } from '../support/statement.ts';

let berth: Berth;
let engine: Engine;
let agent: Agent;

beforeAll(async () => {
  // Keys of more than four days are old.
  [berth, engine] = await Promise.all([startBerth({ env: { KEY_MAX_AGE_DAYS: '4', KEY_LOOK_SECONDS: '1' } }), startEngine()]);
  agent = await berth.startAgent({ engine, name: 'web-1' });
});
afterAll(async () => {
  await berth?.stop();
  await engine?.destroy();
});

const keyFile = () => readFile(join(agent.home, 'key.pem'), 'utf8');
const host = () => berth.client.getHost(agent.hostId);
const changes = async () =>
  (await berth.client.hostEvents(agent.hostId))
    .flatMap(({ data }) => ('change' in data ? [data.change] : []))
    .filter((change) => change.startsWith('key'));
const ready = () =>
  eventually(
    'the host to be ready',
    async () => (await host()).status.state === 'ready',
    async () => ({ host: (await host()).status, log: agent.log() }),
  );

test('another key takes the place of the present one, which is worth nothing then; the host stays what it is', async () => {
  const [before, file] = [await host(), await keyFile()];
  await berth.client.rotateHostKey(agent.hostId);
  await eventually('the agent to show it', async () => (await changes()).includes('key-changed'), changes);
  expect(await keyFile()).not.toBe(file);
  const after = await host();
  expect(Date.parse(after.status.key.changedAt)).toBeGreaterThan(Date.parse(before.status.key.changedAt));
  expect(after.metadata.id).toBe(before.metadata.id);
  await ready();
  // From its file, after a crash.
  await agent.kill();
  await agent.start();
  expect(await changes()).toEqual(['key-requested', 'key-changed']);
});

test('an agent that died between the two steps connects with the key that it has, and is given another one later', async () => {
  const file = await keyFile();
  // As it is where the api had accepted the new key, and the agent never heard so.
  await runStatement(berth.databaseUrl, "UPDATE host SET next_public_key = 'a key that was never shown'");
  await agent.kill();
  await agent.start();
  expect(await keyFile()).toBe(file);
  // Its host counts as ready for a moment longer than its link lasted.
  await eventually(
    'the agent to be asked',
    () =>
      berth.client.rotateHostKey(agent.hostId).then(
        () => true,
        () => false,
      ),
    () => agent.log(),
  );
  await eventually(
    'the agent to show it',
    async () => (await changes()).filter((change) => change === 'key-changed').length === 2,
    changes,
  );
  await ready();
});

test('a key that is old is replaced by itself', async () => {
  const file = await keyFile();
  await runStatement(berth.databaseUrl, "UPDATE host SET key_changed_at = now() - interval '5 days'");
  await eventually('the agent to have another one', async () => (await keyFile()) !== file, changes);
  await eventually(
    'the agent to show it',
    async () => (await changes()).filter((change) => change === 'key-changed').length === 3,
    changes,
  );
  await ready();
  expect(Date.now() - Date.parse((await host()).status.key.changedAt)).toBeLessThan(3_600_000);
});

test('a revoked key lets nobody in any more, and the agent says what to do', async () => {
  const { client } = berth;
  const revoked = await client.revokeHostKey(agent.hostId);
  expect(revoked.status.key.revokedAt).not.toBeNull();
  await eventually(
    'the agent to stop with the reason',
    () => agent.log().includes("was revoked: remove the host, empty the agent's home folder and enrol the machine anew"),
    () => agent.log(),
  );
  expect((await problemFrom(client.rotateHostKey(agent.hostId))).code).toBe('conflict');
  await client.revokeHostKey(agent.hostId);
  expect((await changes()).filter((change) => change === 'key-revoked')).toHaveLength(1);
});
