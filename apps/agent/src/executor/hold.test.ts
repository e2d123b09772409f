/** A container that stays as it was although the engine was asked, over the engine's real protocol. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../engine/connect.ts';
import { DockerEngine } from '../engine/docker-engine.ts';
import { SpoolRoom } from '../logs/spool-room.ts';
import { Reconciler } from '../reconciler.ts';
import { SecretFiles } from '../secrets/secret-files.ts';
import { Contact } from '../session/contact.ts';
import { Outbox } from '../session/outbox.ts';
import { Ledger } from '../state/ledger.ts';

const ATTEMPT = 'att_1';
const HOST = 'hst_1';
const LABELS = { 'berth.attempt': ATTEMPT, 'berth.host': HOST };
const AT = '2026-11-23T07:00:00.000Z';
const STATE = {
  Status: 'paused',
  Paused: true,
  Running: true,
  StartedAt: AT,
  FinishedAt: '0001-01-01T00:00:00Z',
  ExitCode: 0,
  OOMKilled: false,
  Error: '',
};

it('an engine that cannot let a container go on is asked again with a pause in between, and not in a loop', async () => {
  const asked = Promise.withResolvers<void>();
  let requests = 0;
  const json = (answer: ServerResponse, status: number, body: unknown) => {
    answer.writeHead(status, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(body));
  };
  const server = createServer(({ url = '' }, answer) => {
    if (url.includes('/unpause')) {
      if (++requests === 3) asked.resolve();
      json(answer, 500, { message: 'the freezer is stuck' });
    } else if (url.includes('/containers/json')) json(answer, 200, [{ Id: 'c1', State: 'paused', Labels: LABELS }]);
    else if (url.includes('/c1/json')) json(answer, 200, { Id: 'c1', Created: AT, Config: { Labels: LABELS }, State: STATE });
    else answer.writeHead(200).flushHeaders();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const home = await mkdtemp(join(tmpdir(), 'berth-hold-'));
  const outbox = new Outbox({ delivered: () => undefined, exitsStored: () => undefined, unknown: () => undefined });
  let failures = 0;
  const quiet = () => undefined;
  const reconciler = new Reconciler({
    engine: new DockerEngine(await connectDocker(`tcp://127.0.0.1:${address.port}`), HOST),
    ledger: await Ledger.open(home, HOST),
    outbox,
    secretFiles: new SecretFiles(HOST, join(home, 'secrets')),
    spool: await SpoolRoom.open(home, 0),
    storedTails: async () => 'unknown',
    contact: await Contact.open(null),
    fenced: quiet,
    log: { debug: quiet, info: quiet, error: quiet, warn: (message) => void (message === 'a step failed' && failures++) },
  });
  onTestFinished(async () => {
    reconciler.close();
    outbox.close();
    server.closeAllConnections();
    server.close();
    await rm(home, { recursive: true, force: true });
  });
  reconciler.welcomed({ type: 'welcome', sessionId: 's', heartbeatSeconds: 5, logs: [] });
  reconciler.engineReady();
  const attempt = {
    restarts: 0,
    restartRequests: 0,
    attemptId: ATTEMPT,
    runId: 'r',
    workspaceId: 'w',
    spec: { image: 'x' },
    ports: [],
    credentials: null,
  } as const;
  await reconciler.assigned({
    type: 'assign',
    mode: 'full',
    generation: 1,
    put: [{ ...attempt, ports: [], desired: 'run', phase: 'running' }],
  });
  await asked.promise;
  // Each refusal before this one was a failure, and a failure is waited out.
  expect(failures).toBe(2);
}, 30_000);
