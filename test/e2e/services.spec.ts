import type { Page } from '@playwright/test';
import { eventually } from '../support/eventually.ts';
import { pushBusybox } from '../support/images.ts';
import { isReadable } from './support/accessible.ts';
import { at, expect, isLive, shell, test } from './support/test.ts';

/** Ends at once when it is asked to, so that a roll-out takes no grace period. */
const SERVES = `trap "exit 0" TERM; while true; do sleep 0.1; done`;

const situation = (page: Page) => page.getByRole('region', { name: 'What it does' });
const state = (page: Page, word: string) => page.getByRole('status').filter({ hasText: new RegExp(`^${word}$`) });
const replicas = (page: Page) => page.getByRole('list', { name: 'Replicas', exact: true }).getByRole('listitem');
const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

test('a service is made, scaled, rolled to another image by its plan, rolled back and deleted', async ({ page, stack }) => {
  test.setTimeout(240_000);
  await pushBusybox(stack.mirror, 'team/web', '1');
  await pushBusybox(stack.mirror, 'team/web', '2', { files: [{ path: 'second', data: Buffer.from('2') }] });
  const image = (tag: string) => `${stack.mirror.server}/team/web:${tag}`;

  await page.goto(at(stack, '/services'));
  await isLive(page);
  await page.getByRole('link', { name: 'New service' }).first().click();
  await expect(page.getByRole('heading', { name: 'New service' })).toBeVisible();
  const form = page.getByRole('form', { name: 'New service' });
  const plan = page.getByRole('region', { name: 'The plan' });
  await form.getByLabel('Name', { exact: true }).fill('Web Site');
  await form.getByLabel('Image', { exact: true }).fill(image('1'));
  await form.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(plan).toHaveCount(0);

  await form.getByLabel('Name', { exact: true }).fill('website');
  await form.getByLabel('Command', { exact: true }).first().fill(`/bin/sh -c '${SERVES}'`);
  await form.getByRole('button', { name: 'Publish a port' }).click();
  await form.getByLabel('Container port of mapping 1').fill('80');
  await form.getByRole('button', { name: 'Show the plan' }).click();
  await expect(plan).toContainText('2 started');
  await expect(plan).toContainText('Start 2 of revision 1.');
  // What was planned is what is done: a change asks for another plan.
  await form.getByLabel('Replicas').fill('5');
  await expect(plan).toHaveCount(0);
  await expect(form.getByText('The form was changed since')).toBeVisible();
  await form.getByLabel('Replicas').fill('2');
  await form.getByRole('button', { name: 'Create the service' }).click();

  await expect(page).toHaveURL(/\/services\/svc_/);
  await expect(page.getByRole('heading', { name: 'website' })).toBeVisible();
  await expect(situation(page)).toContainText('2 of 2 available.');
  await expect(state(page, 'Available')).toBeVisible();
  await expect(replicas(page)).toHaveCount(2);
  await expect(replicas(page).first()).toContainText('Running');
  await expect(replicas(page).first().getByRole('link', { name: /:\d+$/ })).toBeVisible();
  const promote = page.getByRole('button', { name: 'Promote' });
  await expect(promote).toHaveAttribute('aria-disabled', 'true');
  await expect(promote).toHaveAccessibleDescription('No canary waits: there is nothing to promote.');

  await page.keyboard.press('s');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'One more' }).click();
  await expect(dialog).toContainText('1 replica more is started.');
  await dialog.getByRole('button', { name: 'Scale to 3' }).click();
  await expect(situation(page)).toContainText('3 of 3 available.');
  await expect(replicas(page)).toHaveCount(3);

  await tab(page, 'Edit');
  await expect(page).toHaveURL(/tab=edit/);
  const edit = page.getByRole('form', { name: 'Edit the service' });
  await edit.getByLabel('Image', { exact: true }).fill(image('2'));
  await edit.getByRole('button', { name: 'Show the plan' }).click();
  await expect(plan).toContainText('3 started, 3 stopped');
  await expect(plan.getByRole('list', { name: 'Changed fields' })).toContainText(`${image('1')} → ${image('2')}`);
  await edit.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('tab', { name: 'Overview' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByText('revision 2')).toBeVisible();
  await expect(situation(page)).toContainText('3 of 3 available.', { timeout: 60_000 });
  await expect(replicas(page)).toHaveCount(3);
  await expect(page.locator('summary', { hasText: 'The last 3 that ended are kept' })).toBeVisible();

  await tab(page, 'Revisions');
  const revisions = page.getByRole('list', { name: 'Revisions' });
  await expect(revisions.getByRole('heading')).toHaveText(['Revision 2', 'Revision 1']);
  await expect(revisions.getByRole('list', { name: 'Changes of revision 2' })).toContainText('image');
  await expect(revisions.getByRole('button', { name: 'Roll back to revision 2' })).toHaveAccessibleDescription('It is the present one.');
  await revisions.getByRole('button', { name: 'Roll back to revision 1' }).click();
  await expect(dialog.getByRole('region', { name: 'The plan' })).toContainText('3 started, 3 stopped');
  await expect(dialog).toContainText('of revision 1.');
  await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await tab(page, 'Overview');
  await expect(page.getByText('revision 1', { exact: true })).toBeVisible();
  await expect(situation(page)).toContainText('3 of 3 available.', { timeout: 60_000 });

  await tab(page, 'Events');
  const events = page.getByRole('list', { name: 'Events' });
  for (const text of ['created with 2 replicas', 'from 2 to 3 replicas', 'its template is revision 2', 'back to revision 1']) {
    await expect(events).toContainText(text);
  }
  await page.getByRole('button', { name: /What people did/ }).click();
  await expect(events.getByRole('listitem')).toHaveCount(4);

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await expect(dialog).toContainText('Its 3 replicas are stopped, and removed with their logs.');
  await dialog.getByRole('button', { name: 'Delete it' }).click();
  await expect(page).toHaveURL(/\/services$/);
  await expect(page.getByRole('list', { name: 'Services' }).getByText('website')).toHaveCount(0);
  await eventually(
    'its runs to be gone',
    async () => (await stack.berth.client.listRuns('?label=berth.service=website')).items.length === 0,
  );
});

test('a canary waits for a word, and one that does not stay is rolled back and can be tried again', async ({ page, stack }) => {
  test.setTimeout(240_000);
  const { client } = stack.berth;
  const template = (script: string, env: Record<string, string>) => ({ spec: { ...shell(script), env } });
  const rolled = { replicas: 2, update: { canary: 1 } };
  const { metadata } = await client.createService('careful', { ...rolled, template: template(SERVES, { V: '1' }) });
  await page.goto(at(stack, `/services/${metadata.id}`));
  await expect(situation(page)).toContainText('2 of 2 available.');

  await client.updateService(metadata.id, { ...rolled, template: template(SERVES, { V: '2', API_TOKEN: 'not-to-be-seen' }) });
  await expect(state(page, 'Canary')).toBeVisible();
  await expect(situation(page)).toContainText('promote it, or roll it back');
  // The one that is not new yet says what is not as asked for; what is secret by its name is not shown.
  await page.locator('summary', { hasText: 'fields are not as asked for now' }).click();
  await expect(page.getByRole('list', { name: /What is not as asked for/ })).toContainText('env.V');
  await expect(page.getByText('not-to-be-seen')).toHaveCount(0);
  await page.getByRole('button', { name: 'Promote' }).click();
  await expect(situation(page)).toContainText('2 of 2 available.');
  await expect(state(page, 'Available')).toBeVisible();

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('roll-outs are paused')).toBeVisible();
  await client.updateService(metadata.id, { paused: true, replicas: 2, template: template(SERVES, { V: '3' }) });
  await expect(state(page, 'Paused')).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(state(page, 'Available')).toBeVisible();
  await expect(page.getByText('revision 3')).toBeVisible();

  await client.updateService(metadata.id, {
    replicas: 2,
    update: { minReadySeconds: 6 },
    // Long enough to be seen on its way, and never ready.
    template: template('sleep 3; exit 3', { V: '4' }),
  });
  await expect(state(page, 'Rolled back')).toBeVisible({ timeout: 60_000 });
  await expect(situation(page)).toContainText(/Rolled back, because/);
  await expect(page.getByText('4 is asked for')).toBeVisible();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Retry the roll-out' }).click();
  await expect(state(page, 'Rolling out')).toBeVisible();
  await client.deleteService(metadata.id);
  await expect(page.getByText('There is no such service here, or it was deleted.')).toBeVisible();
});

test('what somebody else changed meanwhile is not written over', async ({ page, stack }) => {
  const { client } = stack.berth;
  const { metadata } = await client.createService('shared', { replicas: 1, template: { spec: shell(SERVES) } });
  await page.goto(at(stack, `/services/${metadata.id}?tab=edit`));
  const edit = page.getByRole('form', { name: 'Edit the service' });
  await edit.getByLabel('Replicas').fill('4');
  await edit.getByRole('button', { name: 'Show the plan' }).click();
  await expect(page.getByRole('region', { name: 'The plan' })).toContainText(/started/);
  await client.steerService(metadata.id, 'scale', { replicas: 2 });
  await expect(page.getByText('Somebody has changed it since')).toBeVisible();
  await edit.getByRole('button', { name: 'Apply' }).click();
  await expect(edit.getByText('Somebody has changed it since')).toBeVisible();
  expect((await client.getService(metadata.id)).spec.replicas).toBe(2);
  await page.getByRole('button', { name: 'Begin again' }).click();
  await expect(edit.getByLabel('Replicas')).toHaveValue('2');
  await client.deleteService(metadata.id);
});

test('services are found by name, and a replica leads to its service', async ({ page, stack }) => {
  const { client } = stack.berth;
  const { metadata } = await client.createService('needle', { replicas: 1, template: { spec: shell(SERVES) } });
  await page.goto(at(stack, '/services'));
  await isLive(page);
  await page.getByLabel('Name').fill('need');
  await expect(page).toHaveURL(/name=need/);
  await expect(page.getByRole('list', { name: 'Services' }).getByRole('listitem')).toHaveCount(1);
  await expect(page.getByRole('list', { name: 'Services' })).toContainText('1 of 1 available.');
  await isReadable(page);

  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('needle');
  await page.getByRole('dialog').getByRole('group', { name: 'Services' }).getByText('needle').click();
  await expect(page).toHaveURL(new RegExp(metadata.id));
  await page.getByRole('link', { name: 'needle-1' }).click();
  await expect(page).toHaveURL(/\/runs\/run_/);
  await page.getByRole('link', { name: 'Replica of needle' }).click();
  await expect(page).toHaveURL(new RegExp(metadata.id));

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Another one like it…' }).click();
  await expect(page.getByText('As needle, with your changes.')).toBeVisible();
  await expect(page.getByLabel('Image', { exact: true })).toHaveValue('busybox');
  await client.deleteService(metadata.id);
});
