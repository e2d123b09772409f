/** What a service has beside its image: domains, and the secrets of its replicas. */
import type { Page } from '@playwright/test';
import { isReadable } from './support/accessible.ts';
import { at, expect, isLive, shell, test } from './support/test.ts';

/** Ends at once when it is asked to, so that a roll-out takes no grace period. */
const SERVES = `trap "exit 0" TERM; while true; do sleep 0.1; done`;

const plan = (page: Page) => page.getByRole('region', { name: 'The plan' });
const situation = (page: Page) => page.getByRole('region', { name: 'What it does' });

test('domains are written in the form, what is wrong is said at theirs, and a change leaves the others', async ({ page, stack }) => {
  const { client } = stack.berth;
  const ports = [{ containerPort: 80, protocol: 'tcp' as const }];
  const first = await client.createService('first-come', {
    replicas: 0,
    template: { spec: { ...shell(SERVES), ports } },
    routes: [{ domain: 'taken.example.com', port: 80 }],
  });

  await page.goto(at(stack, '/services/new'));
  await isLive(page);
  const form = page.getByRole('form', { name: 'New service' });
  await form.getByLabel('Name', { exact: true }).fill('shop');
  await form.getByLabel('Replicas').fill('1');
  await form.getByLabel('Image', { exact: true }).fill('busybox');
  await form.getByLabel('Command', { exact: true }).first().fill(`/bin/sh -c '${SERVES}'`);
  await form.getByRole('button', { name: 'Add a domain' }).click();
  await form.getByLabel('Name of domain 1').fill('Shop');
  await form.getByLabel('Container port of domain 1').fill('8080');
  await form.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.getByLabel('Name of domain 1')).toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByText('Must be a domain in lower case')).toBeVisible();
  await form.getByLabel('Name of domain 1').fill('taken.example.com');
  await form.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.getByLabel('Container port of domain 1')).toHaveAttribute('aria-invalid', 'true');
  await isReadable(page, 'form-domains');
  await form.getByRole('button', { name: 'Publish 8080' }).click();
  await expect(form.getByLabel('Container port of mapping 1')).toHaveValue('8080');
  // The next one leads there by itself.
  await form.getByRole('button', { name: 'Add a domain' }).click();
  await expect(form.getByLabel('Container port of domain 2')).toHaveValue('8080');
  await form.getByLabel('Name of domain 2').fill('*.shop.example.com');
  await form.getByLabel('Path of domain 2').fill('/api');
  await form.getByLabel('TLS of domain 2').selectOption('Plain HTTP');
  // What is taken is said with the plan, not first when it is to be carried out.
  await form.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.getByLabel('Name of domain 1')).toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByText('Is taken')).toBeVisible();
  await form.getByLabel('Name of domain 1').fill('shop.example.com');
  await form.getByRole('button', { name: 'Show the plan' }).click();
  await form.getByRole('button', { name: 'Create the service' }).click();

  await expect(page.getByRole('heading', { name: 'shop' })).toBeVisible();
  const facts = page.getByRole('region', { name: 'What was asked for' });
  await expect(facts.getByRole('link', { name: 'shop.example.com' })).toHaveAttribute('href', 'https://shop.example.com/');
  await expect(facts).toContainText('*.shop.example.com/api → 8080');
  await expect(facts).toContainText('This installation has no proxy');
  await expect(situation(page)).toContainText('1 of 1 available.');
  await isReadable(page, 'service-domains');

  await page.getByRole('tab', { name: 'Edit' }).click();
  const edit = page.getByRole('form', { name: 'Edit the service' });
  await expect(edit.getByLabel('TLS of domain 2')).toHaveValue('off');
  await edit.getByRole('button', { name: 'Remove domain 1' }).click();
  await edit.locator('summary', { hasText: 'Roll-outs' }).click();
  await edit.getByLabel('Drained for').fill('2');
  await edit.getByRole('button', { name: 'Show the plan' }).click();
  await expect(plan(page)).toBeVisible();
  await edit.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('tab', { name: 'Overview' })).toHaveAttribute('aria-selected', 'true');
  const id = page.url().match(/svc_[^?]+/)?.[0] ?? '';
  const { spec } = await client.getService(id);
  expect(spec.routes).toEqual([{ domain: '*.shop.example.com', path: '/api', port: 8080, tls: 'off' }]);
  expect(spec.update).toEqual({ drainSeconds: 2 });
  await client.deleteService(id);
  await client.deleteService(first.metadata.id);
});

test('a service takes new versions of its secrets when it is told to, and says before what that does', async ({ page, stack }) => {
  test.setTimeout(180_000);
  const { client } = stack.berth;
  const secret = await client.createSecret('api-password', 'the first one');
  const fixed = await client.createSecret('certificate', 'unchanged');
  const plain = await client.createService('without-secrets', { replicas: 0, template: { spec: shell(SERVES) } });
  await page.goto(at(stack, `/services/${plain.metadata.id}`));
  await isLive(page);
  await page.getByRole('button', { name: 'More actions' }).click();
  const item = page.getByRole('menuitem', { name: 'Use new versions of its secrets…' });
  await expect(item).toHaveAttribute('aria-disabled', 'true');
  await expect(item).toContainText('Its template has no secrets.');

  const { metadata } = await client.createService('keeps-a-secret', {
    replicas: 2,
    template: {
      spec: {
        ...shell(SERVES),
        secrets: [
          { secret: 'api-password', env: 'API_PASSWORD' },
          { secret: 'certificate', version: 1, file: '/run/certificate' },
        ],
      },
    },
  });
  await page.goto(at(stack, `/services/${metadata.id}`));
  await expect(situation(page)).toContainText('2 of 2 available.');
  const open = async () => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await item.click();
  };
  const dialog = page.getByRole('dialog');
  await open();
  await expect(dialog).toContainText('It has the newest versions of its secrets already');
  await expect(dialog.getByRole('button', { name: 'Roll them out' })).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByRole('button', { name: 'Leave it' }).click();

  await client.updateSecret(secret.metadata.id, 'the second one');
  await client.updateSecret(fixed.metadata.id, 'changed all the same');
  await open();
  await expect(plan(page)).toContainText('2 started, 2 stopped');
  await expect(plan(page).getByRole('list', { name: 'Steps' })).toContainText('of revision 2.');
  const changes = plan(page).getByRole('list', { name: 'Changed fields' }).getByRole('listitem');
  await expect(changes).toHaveText([/api-password\s*version 1 → version 2/]);
  await isReadable(page, 'renew');
  await dialog.getByRole('button', { name: 'Roll them out' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('revision 2')).toBeVisible();
  await expect(situation(page)).toContainText('2 of 2 available.', { timeout: 60_000 });
  const [replica] = await client.replicas(metadata.id);
  const { spec } = await client.getRun(replica?.runId ?? '');
  expect(spec.secrets?.map(({ secret: name, version }) => [name, version])).toEqual([
    ['api-password', 2],
    ['certificate', 1],
  ]);
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(page.getByRole('list', { name: 'Events' })).toContainText('the newest versions of its secrets are rolled out as revision 2');
  await client.deleteService(metadata.id);
  await client.deleteService(plain.metadata.id);
  for (const {
    metadata: { id },
  } of [secret, fixed])
    await client.deleteSecret(id, true);
});
