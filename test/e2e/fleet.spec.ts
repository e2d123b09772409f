/** The hosts as a map and a list: what they say of many hosts, how they are found, and that they follow what happens. */
import { formatCpu } from '@berth/shared/model/quantity-text';
import { addSimulatedHost } from '../support/simulated-host.ts';
import { isAccessible, wideElements } from './support/accessible.ts';
import type { Stack } from './support/stack.ts';
import { at, expect, isLive, test } from './support/test.ts';

test.setTimeout(240_000);

/** Hosts in two zones, one of them cordoned. */
async function addFleet({ berth: { client } }: Stack, count: number) {
  const hosts = [];
  for (let number = 1; number <= count; number++) {
    const host = await addSimulatedHost(client, `fleet-${number}`);
    await client.updateHost(host.hostId, {
      metadata: { labels: { zone: number % 2 === 0 ? 'eu-2' : 'eu-1' } },
      spec: { cordoned: number === 3 },
    });
    hosts.push(host);
  }
  return {
    hosts,
    async leave() {
      for (const { agent, hostId } of hosts) {
        agent.close();
        await client.send('DELETE', `${client.base}/hosts/${hostId}`);
      }
    },
  };
}

test('a fleet is seen as a map, filtered by the server, grouped by a label and walked over by keys', async ({ page, stack }) => {
  const { hosts, leave } = await addFleet(stack, 6);
  await page.goto(at(stack, '/hosts'));
  await isLive(page);
  const map = page.getByRole('grid', { name: 'Map of the hosts' });
  const rows = page.getByRole('table', { name: 'Hosts' }).locator('[data-row-link]');
  await expect(map.getByRole('link')).toHaveCount(7);
  await expect(page.getByRole('region', { name: 'Totals' })).toContainText('7 hosts');
  await expect(map.getByRole('link', { name: 'fleet-3: cordoned, ready; CPU reserved 0 %; no runs' })).toBeVisible();

  await page.getByLabel('Group by').selectOption('zone');
  await expect(page).toHaveURL(/group=zone/);
  await expect(map.getByRole('rowheader')).toHaveText(['eu-1 3 hosts', 'eu-2 3 hosts', 'without zone 1 host']);
  await page.getByRole('search').getByLabel('Name').fill('FLEET');
  await expect(rows).toHaveText(['fleet-1', 'fleet-2', 'fleet-3', 'fleet-4', 'fleet-5', 'fleet-6']);
  await expect(page).toHaveURL(/name=FLEET/);
  await page.getByLabel('State').selectOption('cordoned');
  await expect(rows).toHaveText(['fleet-3']);
  await stack.berth.client.updateHost(hosts[3]?.hostId ?? '', { spec: { cordoned: true } });
  await expect(rows).toHaveText(['fleet-3', 'fleet-4']);
  await page.getByLabel('State').selectOption('');

  await map.getByRole('link', { name: /^fleet-1:/ }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(map.getByRole('link', { name: /^fleet-3:/ })).toBeFocused();
  await expect(page.getByRole('tooltip').filter({ hasText: 'fleet-3' })).toContainText('0 of 64 cores reserved');
  await page.keyboard.press('ArrowDown');
  await expect(map.getByRole('link', { name: /^fleet-4:/ })).toBeFocused();
  await page.keyboard.press('Control+Home');
  await expect(map.getByRole('link', { name: /^fleet-1:/ })).toBeFocused();
  await isAccessible(page, 'the fleet');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'fleet-1' })).toBeVisible();
  await leave();
});

test('map, list and totals follow what runs, and a list that is sorted by load has the fullest first', async ({ page, stack }) => {
  const { hosts, leave } = await addFleet(stack, 2);
  const { client } = stack.berth;
  await page.goto(at(stack, '/hosts?name=fleet&sort=cpu'));
  await isLive(page);
  const map = page.getByRole('grid', { name: 'Map of the hosts' });
  await expect(map.getByRole('link', { name: /^fleet-2: ready; CPU reserved 0 %; no runs/ })).toBeVisible();
  await client.updateHost(hosts[0]?.hostId ?? '', { spec: { cordoned: true } });
  // More than the real host has: it goes to the one that is left.
  const run = await client.createRun({ image: 'server', pullPolicy: 'if-not-present', resources: { cpu: '32' } });
  await expect(map.getByRole('link', { name: 'fleet-2: ready; CPU reserved 50 %; 1 run' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Hosts' }).locator('[data-row-link]')).toHaveText(['fleet-2', 'fleet-1']);
  await expect(page.getByRole('region', { name: 'Totals' })).toContainText(`${formatCpu(32_000)} of ${formatCpu(128_000)} cores reserved`);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(map).toBeHidden();
  await page.getByRole('button', { name: 'Map', exact: true }).click();
  await expect(map).toBeVisible();
  await expect(page.getByRole('table', { name: 'Hosts' })).toBeHidden();
  await expect.poll(() => wideElements(page)).toEqual([]);
  await client.stopRun(run.metadata.id);
  await client.waitRun(run.metadata.id);
  await leave();
});

test('runs are filtered by a host that is found by a part of its name', async ({ page, stack }) => {
  const { leave } = await addFleet(stack, 1);
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  const field = page.getByRole('search').getByLabel('Host');
  await field.fill('fleet-1');
  await expect(page).toHaveURL(/host=host_/);
  await expect(page.getByText('No run fits these filters.')).toBeVisible();
  await page.reload();
  await expect(field).toHaveValue('fleet-1');
  await field.fill('');
  await expect(page).not.toHaveURL(/host=/);
  await leave();
});
