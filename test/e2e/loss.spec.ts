/** Hosts that are not heard, and hosts that are drained: what their pages and the pages of their runs say, and what can be done. */
import { enrolHost, ProtocolAgent, phaseReport } from '../integration/protocol-agent.ts';
import { eventually } from '../support/eventually.ts';
import { isReadable, violations } from './support/accessible.ts';
import type { Stack } from './support/stack.ts';
import { at, expect, isLive, test } from './support/test.ts';

/** Far more than any other host has, and less than the 900 TiB that the runs of other files wait for. */
const HUGE = 800 * 2 ** 40;
// Every page is looked at by axe in both themes.
test.setTimeout(240_000);

/** Runs on a host of its own, on which alone they fit. */
async function onItsOwn({ berth: { client } }: Stack, name: string, ...specs: object[]) {
  const facts = { memoryBytes: HUGE };
  const host = await enrolHost(client, name, facts);
  const agent = new ProtocolAgent(host, { facts });
  const runs = [];
  for (const spec of specs) {
    const run = await client.createRun(
      { image: 'hello-world', resources: { memory: '100Ti' }, ...spec },
      { name: `on-${name}-${runs.length + 1}` },
    );
    await agent.report({ phases: [phaseReport(await agent.attemptOf(run.metadata.id), 'running')] });
    runs.push(run);
  }
  return {
    host,
    agent,
    runs,
    async leave() {
      agent.close();
      // What may be replaced would be placed on the hosts of other tests.
      for (const { metadata } of runs) await client.killRun(metadata.id);
      await client.send('DELETE', `${client.base}/hosts/${host.hostId}`);
    },
  };
}

test('a run whose host is not heard says what it waits for and what follows, and a person can say that the host is gone', async ({
  page,
  stack,
}) => {
  const { host, agent, runs, leave } = await onItsOwn(stack, 'silent-1', {}, { onHostLost: 'replace', hostLostAfterSeconds: 3600 });
  agent.close();
  await page.goto(at(stack, `/hosts/${host.hostId}`));
  await isLive(page);
  const waiting = page.getByRole('region', { name: 'What it waits for' });
  await expect(waiting).toContainText('Unless it is back by then it counts as lost');
  await isReadable(page);

  await page.goto(at(stack, `/runs/${runs[1]?.metadata.id}?tab=placement`));
  await expect(waiting).toContainText('Unless silent-1 is back by then, it is placed on another host, as soon as one has room for it.');
  await expect(page.getByText('it is placed on another one, after 1 h without a sign of it')).toBeVisible();
  await page.goto(at(stack, `/runs/${runs[0]?.metadata.id}?tab=placement`));
  await isLive(page);
  await expect(waiting).toContainText('It goes on when the host is back, or ends as lost when somebody says that the host is gone.');
  await expect(page.getByText('If its host is lost, it waits for it: it runs at most once.')).toBeVisible();
  await isReadable(page);

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Its host is gone…' }).click();
  await expect(page.getByRole('dialog')).toContainText('It ends as lost');
  expect.soft(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'It is gone' }).click();
  await expect(page.getByRole('region', { name: 'How it ended' })).toContainText('said that host silent-1 is gone');
  await expect(page.getByRole('status').filter({ hasText: 'Lost' })).toBeVisible();
  await leave();
});

test('a host is drained from its page, which says what holds it up, and takes runs again', async ({ page, stack }) => {
  const { host, runs, leave } = await onItsOwn(stack, 'full-1', {}, { restart: { policy: 'always' } });
  await page.goto(at(stack, `/hosts/${host.hostId}`));
  await isLive(page);
  await page.getByRole('button', { name: 'Drain…' }).click();
  await page.getByRole('button', { name: 'Drain it' }).click();
  const drain = page.getByRole('region', { name: 'Drain' });
  await expect(drain).toContainText('Draining: 0 of 2 runs have gone');
  await expect(drain).toContainText('it may not be moved');
  await expect(drain).toContainText('no other host fits it: it goes on here until one does');
  await isReadable(page);
  await page.getByRole('button', { name: 'Cancel the drain' }).click();
  await expect(drain).toHaveCount(0);
  await eventually(
    'the host to take runs again',
    async () => (await stack.berth.client.getHost(host.hostId)).status.drain === null,
    () => stack.berth.client.getHost(host.hostId),
  );
  await leave();
  for (const { metadata } of runs) await stack.berth.client.deleteRun(metadata.id);
});
