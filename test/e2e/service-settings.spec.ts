/** What a service has beside its image: domains. */
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
  await form.getByRole('button', { name: 'Show the plan' }).click();
  await form.getByRole('button', { name: 'Create the service' }).click();
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
