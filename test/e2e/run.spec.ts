import { at, expect, isLive, openRun, shell, test } from './support/test.ts';

test('hello-world from the form: pulled, run, its output and Exited (0)', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  await page.getByRole('link', { name: 'Run a container' }).click();
  await expect(page.getByRole('heading', { name: 'Run a container' })).toBeVisible();
  await page.getByLabel('Image').fill('hello-world');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page).toHaveURL(/\/runs\/run_/);
  await expect(page.getByRole('heading', { name: 'hello-world' })).toBeVisible();
  await expect(page.getByText('Exited (0)').first()).toBeVisible();
  await expect(page.getByText('Hello from Docker!')).toBeVisible();
  // Reports may be coalesced, so that a phase between is skipped; these two are always there.
  await expect(page.getByRole('list', { name: 'Timeline' })).toContainText('queued');
  await expect(page.getByRole('list', { name: 'Timeline' })).toContainText('running');

  await page.locator('summary', { hasText: /Downloaded newer image|Image is up to date/ }).click();
  await expect(page.getByText(/Pulling from library\/hello-world/)).toBeVisible();
  await page.getByRole('tab', { name: 'Placement' }).click();
  await expect(page.getByText('Chosen')).toBeVisible();
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(page.getByRole('list', { name: 'Events' })).toContainText('Exited (0)');
  await expect(page).toHaveURL(/tab=events/);
});

test('a pasted docker run line fills the form and runs', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs/new'));
  const paste = page.getByLabel('Paste a docker run line');
  await paste.fill('docker run --network mine --gpus all busybox');
  await expect(page.getByText('--network: networks of your own are not supported yet')).toBeVisible();
  await expect(page.getByText('--gpus: GPUs are not supported yet.')).toBeVisible();

  await paste.fill(`docker run --rm -it --name pasted -e WHO=world -l from=paste busybox sh -c 'echo "hello $WHO"; exit 3'`);
  await expect(page.getByText(/The form is filled/)).toBeVisible();
  await expect(page.getByLabel('Image')).toHaveValue('busybox');
  await expect(page.getByLabel('Name of variable 1')).toHaveValue('WHO');
  await expect(page.getByRole('region', { name: 'the curl line' })).toContainText('"name":"pasted"');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'pasted' })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Exited (3)' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'How it ended' })).toContainText('3');
  await expect(page.getByText('hello world')).toBeVisible();
});

test('the palette runs anything', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('docker run -e A=1 busybox true');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Image')).toHaveValue('busybox');
  await expect(page.getByLabel('Value of variable 1')).toHaveValue('1');
});

test('what the contract refuses is said at its field', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs/new'));
  await page.getByLabel('Image').fill('Not An Image');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByLabel('Image')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText(/has white space in it/)).toBeVisible();
  await expect(page.getByText('One field needs a change.')).toBeVisible();
});

test('a running run is stopped, and says why what cannot be done cannot', async ({ page, stack }) => {
  await openRun(page, stack, { ...shell('trap "echo bye; exit 0" TERM; echo ready; while true; do sleep 0.1; done'), image: 'busybox' });
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  await expect(page.getByText('Running', { exact: true }).first()).toBeVisible();
  await page.getByRole('button', { name: 'More actions' }).click();
  await expect(page.getByRole('menuitem', { name: /Remove/ })).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByText('It has not ended: stop it first.')).toBeVisible();
  await page.getByRole('menuitem', { name: 'Pause' }).click();
  await expect(page.getByText('Paused', { exact: true }).first()).toBeVisible();
  await expect(page.getByText(/It goes on once somebody resumes it/)).toBeVisible();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Resume' }).click();
  await expect(page.getByText('Running', { exact: true }).first()).toBeVisible();

  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText(/Exited \(\d+\)/).first()).toBeVisible();
  await expect(page.getByText('bye', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveAccessibleDescription('It has ended already.');
});

test('run again starts the same; remove takes it away', async ({ page, stack }) => {
  const first = await openRun(page, stack, shell('echo once more'));
  await expect(page.getByText('Exited (0)').first()).toBeVisible();
  await page.keyboard.press('r');
  await expect(page).not.toHaveURL(new RegExp(first));
  await expect(page.getByText('Exited (0)').first()).toBeVisible();
  await expect(page.getByText('once more', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page).toHaveURL(/\/runs$/);
});

test('a run that waits says why, and what is next', async ({ page, stack }) => {
  await openRun(page, stack, { image: 'busybox', resources: { memory: '900Ti' } });
  const waits = page.getByRole('region', { name: 'What it waits for' });
  await expect(waits).toContainText(/Queued for \d+ s/);
  await expect(waits).toContainText(/web-1/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible();
});

test('an image that does not exist fails with the reason first', async ({ page, stack }) => {
  await openRun(page, stack, { image: `${stack.mirror.server}/no/such:image` });
  await expect(page.getByRole('region', { name: 'How it ended' })).toContainText(/no such|not found|manifest unknown/i);
  await expect(page.getByText('Failed', { exact: true }).first()).toBeVisible();
});

test('a taken host port is refused at its field, and the free one is one click away', async ({ page, stack }) => {
  const { client } = stack.berth;
  const holder = await client.createRun({ ...shell('sleep 600'), ports: [{ containerPort: 80, hostPort: 18_099 }] }, { name: 'holder' });
  await client.waitRun(holder.metadata.id, 'running');
  await page.goto(at(stack, '/runs/new'));
  await page.getByLabel('Paste a docker run line').fill('docker run -p 18099:80 busybox true');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText(/held by run "holder"/)).toBeVisible();
  await expect(page.getByLabel('Host port of mapping 1')).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('button', { name: /Use \d+ instead/ }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page).toHaveURL(/\/runs\/run_/);
  await expect(page.getByText('Exited (0)').first()).toBeVisible();
  await client.killRun(holder.metadata.id);
});

test('a command is run in a running container, and its processes and changed files are shown', async ({ page, stack }) => {
  await openRun(page, stack, shell('echo new > /new; echo ready; exec sleep 600'));
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  await page.getByRole('tab', { name: 'Container' }).click();
  const command = page.getByLabel('Run a command in it');
  await command.fill('sh -c "cat /new; echo oops >&2; exit 3"');
  await command.press('Enter');
  await expect(page.getByRole('status', { name: 'Result' })).toHaveText('Exited (3)');
  await expect(page.getByRole('region', { name: 'Output of the command' })).toContainText('new');
  await page.locator('summary', { hasText: 'Processes' }).click();
  await expect(page.getByRole('cell', { name: 'sleep 600' })).toBeVisible();
  await page.locator('summary', { hasText: 'Changed files' }).click();
  await expect(page.getByRole('region', { name: 'Changed files' })).toContainText('added: /new');
  await page.locator('summary', { hasText: "The engine's view" }).click();
  await expect(page.getByRole('region', { name: "the engine's view" })).toContainText('"Running": true');
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(
    page
      .getByText(/ran in its container: sh -c/)
      .filter({ visible: true })
      .first(),
  ).toBeVisible();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: /Kill/ }).click();
  await expect(page.getByText(/Killed|Exited \(137\)/).first()).toBeVisible();
  await page.getByRole('tab', { name: 'Container' }).click();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toHaveAccessibleDescription(
    'A command needs a container that runs.',
  );
});
