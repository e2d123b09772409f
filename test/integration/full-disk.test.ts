/** A disk that is full passes: what finds no room on it waits for it, says so, and goes on. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { carryOut } from '../faults/carry-out.ts';
import { type FleetStage, openFleetStage } from '../faults/stage.ts';
import type { RunSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';

vi.setConfig({ testTimeout: 150_000, hookTimeout: 300_000 });

let stage: FleetStage;
beforeAll(async () => {
  stage = await openFleetStage({ real: 1, simulated: 0, replicas: 2 }, () => undefined);
});
afterAll(() => stage?.close());

const hello: RunSpecInput = { image: 'hello-world', pullPolicy: 'if-not-present' };

it('a run waits for room with the reason, since when and until when, and starts once there is some', async () => {
  const { client } = stage;
  const first = await client.createRun(hello);
  expect((await client.waitRun(first.metadata.id)).status).toMatchObject({ phase: 'exited', exitCode: 0 });
  const makeRoom = await carryOut(stage, { fault: 'disk-full', host: 0, where: 'engine', seconds: 0 });
  const fullAt = Date.now();
  const { metadata } = await client.createRun(hello);
  const waiting = await eventually(
    'the run to wait for room',
    async () => {
      const { status } = await client.getRun(metadata.id);
      return status.waiting?.reason === 'disk-full' && status.waiting;
    },
    () => client.getRun(metadata.id),
    30_000,
  );
  expect(waiting).toMatchObject({
    message: expect.stringMatching(/^the disk of the host is full: .*no space left on device/),
    next: 'It is tried again every few seconds until then, and fails if that does not help.',
  });
  expect(Date.parse(waiting.since)).toBeGreaterThanOrEqual(fullAt - 1000);
  expect(Date.parse(waiting.deadline ?? '')).toBeGreaterThan(fullAt + 500_000);
  await makeRoom();
  const { status } = await client.waitRun(metadata.id);
  expect(status).toMatchObject({ phase: 'exited', exitCode: 0, waiting: null, attempts: [{ number: 1 }] });
});
