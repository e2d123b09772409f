/** Agents that are not those of this Berth: seen, updated in stages, held up by what fails; and what cannot be updated from here. */
import type { Page } from '@playwright/test';
import type { SimulatedHost } from '../fakes/simulated-agent.ts';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { addSimulatedHost } from '../support/simulated-host.ts';
import { isReadable } from './support/accessible.ts';
import type { Stack } from './support/stack.ts';
import { at, expect, isLive, test } from './support/test.ts';

// Every page is looked at by axe in both themes.
test.setTimeout(240_000);

interface Edge {
  agent: SimulatedAgent;
  hostId: string;
  host: SimulatedHost;
}

/** Hosts of the label tier=edge whose agents are of another version; they are gone at the end. */
async function withEdges(stack: Stack, names: string[], work: (edges: Edge[]) => Promise<void>): Promise<void> {
  const { client } = stack.berth;
  const edges = await Promise.all(names.map((name) => addSimulatedHost(client, name)));
  try {
    for (const { hostId } of edges) await client.updateHost(hostId, { metadata: { labels: { tier: 'edge' } } });
    await work(edges);
  } finally {
    for (const { agent, hostId } of edges) {
      agent.close();
      await client.send('DELETE', `${client.base}/hosts/${hostId}`);
    }
  }
}

const openHosts = async (page: Page, stack: Stack) => {
  await page.goto(at(stack, '/hosts'));
  await isLive(page);
};

test('the hosts page says how many agents are not those of this Berth, and updates them in stages that a failure pauses', async ({
  page,
  stack,
}) => {
  await withEdges(stack, ['edge-1', 'edge-2', 'edge-3'], async ([, second]) => {
    if (second) second.host.updates = 'failed';
    await openHosts(page, stack);
    await expect(page.getByText(/3 of \d+ hosts run another agent than this Berth has: 3 of version 0.0.0-simulated/)).toBeVisible();
    await page.getByRole('button', { name: 'Update agents…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Hosts with the labels').fill('tier=edge');
    await dialog.getByLabel('Pace').selectOption('one host at a time');
    const preview = dialog.getByRole('region', { name: 'What will happen' });
    await expect(preview).toContainText('Stage 1: edge-1');
    await expect(preview).toContainText('Stage 3: edge-3');
    await isReadable(page);
    await dialog.getByRole('button', { name: 'Update 3 hosts' }).click();

    const progress = page.getByRole('region', { name: 'Update of agents' });
    await expect(progress).toContainText('paused, because edge-2 failed: it did not start; the version before goes on');
    await expect(progress).toContainText('1 host waits until it is let go on, or cancelled');
    await expect(progress.getByRole('listitem').filter({ hasText: 'edge-1' })).toContainText('Done');
    await expect(progress.getByRole('listitem').filter({ hasText: 'edge-2' })).toContainText('Failed');
    await isReadable(page);
    await progress.getByRole('button', { name: 'Go on' }).click();
    await expect(progress).toHaveCount(0);
    await expect(page.getByText(/1 of \d+ hosts? runs? another agent than this Berth has/)).toBeVisible();

    await page.goto(at(stack, `/hosts/${second?.hostId}`));
    const agent = page.getByRole('region', { name: 'Agent' });
    await expect(agent).toContainText('it did not start; the version before goes on');
    await isReadable(page);
    if (second) second.host.updates = 'done';
    await agent.getByRole('button', { name: 'Update agent' }).click();
    await expect(agent).toHaveCount(0);
    await page.getByRole('tab', { name: 'Events' }).click();
    await expect(page.getByRole('list', { name: 'Events' })).toContainText('Its agent was updated: runs version');
  });
});

test('an update is paused and cancelled by a person', async ({ page, stack }) => {
  await withEdges(stack, ['edge-1', 'edge-2'], async ([first]) => {
    if (first) first.host.updates = 'never';
    await openHosts(page, stack);
    await page.getByRole('button', { name: 'Update agents…' }).click();
    await page.getByLabel('Hosts with the labels').fill('tier=edge');
    await page.getByLabel('Pace', { exact: true }).selectOption('one host at a time');
    await page.getByRole('button', { name: 'Update 2 hosts' }).click();
    const progress = page.getByRole('region', { name: 'Update of agents' });
    await expect(progress).toContainText('stage 1 of 2: edge-1 is updated');
    await expect(progress.getByRole('listitem').filter({ hasText: 'edge-1' })).toContainText('Updating');
    await progress.getByRole('button', { name: 'Pause' }).click();
    await expect(progress).toContainText('paused, because somebody asked for it');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await expect(progress).toContainText('cancelled; edge-1 had begun and goes on to the end');
  });
});

test('a host that cannot be updated from here says why, with the line to run there', async ({ page, stack }) => {
  await withEdges(stack, ['edge-9'], async ([fixed]) => {
    if (!fixed) return;
    fixed.agent.crash();
    fixed.host.bundle = { sha256: 'old', fixed: 'the policy file on the host does not allow it ("updates")', update: null };
    fixed.agent = new SimulatedAgent(stack.berth.url, fixed.host);
    await page.goto(at(stack, `/hosts/${fixed.hostId}`));
    await isLive(page);
    const agent = page.getByRole('region', { name: 'Agent', exact: true });
    await expect(agent).toContainText('It cannot be updated from here: the policy file on the host does not allow it');
    await expect(page.getByRole('region', { name: 'the line that updates it' })).toHaveText(/^curl -fsSL http\S+\/install\.sh \| sudo sh$/);
    await isReadable(page);
    await openHosts(page, stack);
    await page.getByRole('button', { name: 'Update agents…' }).click();
    await expect(page.getByRole('region', { name: 'Hosts that are left out' })).toContainText('edge-9: the policy file on the host');
  });
});
