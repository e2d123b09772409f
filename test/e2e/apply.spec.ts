/** Manifests in the console: pasted, planned, applied; with what is wrong at its line. */
import { isReadable } from './support/accessible.ts';
import { at, expect, isLive, test } from './support/test.ts';

const MANIFEST = `kind: Run
metadata:
  name: pasted
  labels: { team: docs }
spec:
  image: hello-world
`;

test('a manifest is pasted, its plan is shown, and once it is applied the run is there', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  await page.getByRole('link', { name: 'Apply a manifest…' }).click();
  const text = page.getByRole('textbox', { name: /Manifest/ });
  await expect(page.getByRole('button', { name: 'Apply', exact: true })).toHaveAttribute('aria-disabled', 'true');
  await text.fill(MANIFEST);
  await page.getByRole('button', { name: 'Plan' }).click();
  const plan = page.getByRole('region', { name: 'Plan' });
  await expect(plan.getByRole('heading', { name: '1 to create' })).toBeVisible();
  await expect(plan.getByRole('listitem').filter({ hasText: 'pasted' })).toContainText('spec.image');
  await isReadable(page);
  expect((await stack.berth.client.listRuns('?name=pasted')).items).toEqual([]);

  // The plan is of this text and of no other.
  await text.fill(MANIFEST.replace('docs', 'web'));
  await expect(plan).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Apply', exact: true })).toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('button', { name: 'Plan' }).click();
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  const done = page.getByRole('region', { name: 'What was done' });
  await expect(done.getByText('Created')).toBeVisible();
  await done.getByRole('link', { name: 'pasted' }).click();
  await expect(page.getByText('For more examples and ideas').first()).toBeVisible();
  await expect(page.getByText('team').filter({ visible: true }).first()).toBeVisible();
});

test('what is wrong is marked at its line, and shown there', async ({ page, stack }) => {
  await page.goto(at(stack, '/apply'));
  const text = page.getByRole('textbox', { name: /Manifest/ });
  await text.fill(`${MANIFEST}  comand: [x]\n---\nkind: Pod\n`);
  await page.getByRole('button', { name: 'Plan' }).click();
  const wrong = page.getByRole('list', { name: 'What is wrong' });
  await expect(wrong.getByRole('listitem')).toHaveCount(2);
  await expect(wrong.getByRole('listitem').first()).toContainText('did you mean "command"?');
  await expect(text).toHaveAttribute('aria-invalid', 'true');
  await wrong.getByRole('button', { name: 'Show line 7' }).click();
  expect(await text.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd))).toBe(
    '  comand: [x]',
  );
  await isReadable(page);
});

test('a docker run line becomes a manifest, and is refused by name where it cannot', async ({ page, stack }) => {
  await page.goto(at(stack, '/apply'));
  const text = page.getByRole('textbox', { name: /Manifest/ });
  await text.fill('docker run --name by-line -e A=1 busybox echo hi');
  await page.getByRole('button', { name: 'Plan' }).click();
  await expect(page.getByRole('region', { name: 'Plan' }).getByRole('listitem').filter({ hasText: 'by-line' })).toContainText('spec.env.A');
  await text.fill('docker run --gpus all busybox');
  await page.getByRole('button', { name: 'Plan' }).click();
  await expect(page.getByText('--gpus: GPUs are not supported yet.')).toBeVisible();
});

test('a Compose file that is pasted into the palette is planned on its page', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  await page.keyboard.press('Control+k');
  const compose = 'services:\n  web:\n    image: nginx\n    restart: always\n    container_name: web\n    ports: ["8088:80"]\n';
  await page
    .getByRole('dialog')
    .getByRole('combobox')
    .evaluate((input, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, compose);
  await page.getByRole('option', { name: 'Plan a Compose file of 6 lines' }).click();
  await expect(page.getByRole('list', { name: 'What is wrong' })).toContainText('containers are named by Berth');
  const text = page.getByRole('textbox', { name: /Manifest/ });
  await text.fill(compose.replace('    container_name: web\n', ''));
  await page.getByRole('button', { name: 'Plan' }).click();
  await expect(page.getByRole('region', { name: 'Plan' }).getByRole('listitem').filter({ hasText: 'Service' })).toContainText(
    'spec.replicas',
  );
});

test('files that are dropped together are one request', async ({ page, stack }) => {
  await page.goto(at(stack, '/apply'));
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['services:\n  job:\n    image: busybox\n    restart: "no"\n    env_file: job.env\n'], 'compose.yaml'));
    transfer.items.add(new File(['FROM_FILE=yes\n'], 'job.env'));
    return transfer;
  });
  await page.getByRole('textbox', { name: /Manifest/ }).dispatchEvent('drop', { dataTransfer: data });
  await expect(page.getByText('Beside it: job.env.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Plan' })).toContainText('spec.env.FROM_FILE');
});
