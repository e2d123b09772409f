/** After everything was put right again: what Postgres, the REST API and the engines themselves say of every run that was accepted. */
import { z } from 'zod';
import { helloText } from '../../scripts/parts/images/hello-world.ts';
import { machineArchitecture } from '../../scripts/parts/images/image.ts';
import { until } from '../../scripts/parts/until.ts';
import { ask } from './database.ts';
import { judgeRun } from './judge-run.ts';
import { type AcceptedRun, isOver } from './load.ts';
import { runningContainers } from './running-containers.ts';
import type { FleetStage } from './stage.ts';
import { steadily, surely } from './steadily.ts';

const SETTLE_MS = 60_000;
/** Runs that are asked for side by side. */
const AT_ONCE = 8;

/** One sentence for each promise that was not kept. `ofServices`: runs that services asked for. */
export async function judgeFleet(stage: FleetStage, accepted: readonly AcceptedRun[], ofServices: ReadonlySet<string>): Promise<string[]> {
  const complaints: string[] = [];
  await forEach(accepted, async (run) => {
    complaints.push(...(await judgeOne(stage, run)).map((text) => `run ${run.number} (${run.id}): ${text}`));
  });
  complaints.push(...(await judgeAcceptance(stage, accepted)), ...judgeStarts(stage, accepted, ofServices));
  for (const settle of [generationsConverge, engineSettles, everythingIsRemoved]) {
    try {
      await settle(stage, accepted);
    } catch (error) {
      complaints.push(error instanceof Error ? error.message : String(error));
    }
  }
  return complaints;
}

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function judgeOne(stage: FleetStage, accepted: AcceptedRun): Promise<string[]> {
  const { client, hosts } = stage;
  const run = await surely('the run at its end', () => client.getRun(accepted.id));
  accepted.last = run;
  if (!isOver(run)) return [`it never ended: ${JSON.stringify(run.status)}`];
  const [stdout, stderr] = await Promise.all(
    (['stdout', 'stderr'] as const).map((stream) => surely('its log', () => client.logBytes(run.metadata.id, stream))),
  );
  const ran = new Set(run.status.attempts.map(({ hostId }) => hostId));
  const places = hosts.filter(({ hostId }) => ran.has(hostId));
  return judgeRun({
    work: accepted.work,
    onHostLost: accepted.onHostLost,
    run,
    from: accepted.askedAt,
    until: accepted.overAt ?? Date.now(),
    stdout: stdout?.toString() ?? '',
    stderr: stderr?.toString() ?? '',
    hello: helloText(machineArchitecture()),
    engineKills: places.flatMap((host) => host.engineKills),
    diskFills: places.flatMap((host) => host.diskFills),
  });
}

/** What was asked for with one key is one run: no other one came of a request that was sent again. */
async function judgeAcceptance({ databaseUrl }: FleetStage, accepted: readonly AcceptedRun[]): Promise<string[]> {
  const known = new Set(accepted.map(({ id }) => id));
  const rows = await ask(databaseUrl, z.object({ id: z.string(), name: z.string() }), 'SELECT id, name FROM run WHERE deleted_at IS NULL');
  const there = new Set(rows.map(({ id }) => id));
  return [
    ...rows.filter(({ id }) => !known.has(id)).map(({ id, name }) => `run ${name} (${id}) is there, and its acceptance was never told`),
    ...accepted.filter(({ id }) => !there.has(id)).map(({ number, id }) => `run ${number} (${id}) was accepted, and is not there`),
  ];
}

/** Law L5, by the engines' own words. */
function judgeStarts({ hosts }: FleetStage, accepted: readonly AcceptedRun[], ofServices: ReadonlySet<string>): string[] {
  const complaints: string[] = [];
  const runs = new Map(accepted.map((run) => [run.id, run]));
  const places = new Map<string, string[]>();
  for (const { name, witness } of hosts) {
    for (const { attemptId, runId, started, starts } of witness.attempts.values()) {
      const run = runs.get(runId);
      if (started.size > 1)
        complaints.push(`attempt ${attemptId} of run ${run?.number ?? runId} has started ${started.size} containers on ${name}`);
      if (!run && ofServices.has(runId)) continue;
      if (!run) {
        complaints.push(`${name} had a container of run ${runId}, which nobody asked for`);
        continue;
      }
      const attempt = run.last.status.attempts.find(({ id }) => id === attemptId);
      if (!attempt) complaints.push(`${name} had a container of attempt ${attemptId} of run ${run.number}, which Berth does not know`);
      const lives = 1 + (attempt?.restarts ?? 0);
      // One that is lost may go on to live, and nobody hears of that.
      if (starts.size > lives && attempt?.phase !== 'lost')
        complaints.push(`attempt ${attemptId} of run ${run.number} was started ${starts.size} times in ${lives} lives`);
      const place = run.onHostLost === 'wait' ? `run ${run.number} (${run.id}), which waits for its host,` : `attempt ${attemptId}`;
      places.set(place, [...(places.get(place) ?? []), name]);
    }
  }
  for (const [what, names] of places) {
    if (names.length > 1) complaints.push(`${what} had containers on ${names.join(' and ')}`);
  }
  return complaints;
}

const generationSchema = z.object({ name: z.string(), state: z.string(), generation: z.number(), acked_generation: z.number() });

async function generationsConverge({ databaseUrl }: FleetStage): Promise<void> {
  let last: unknown;
  await until(
    async () => {
      const rows = await ask(databaseUrl, generationSchema, 'SELECT name, state, generation, acked_generation FROM host');
      last = rows;
      return rows.every(({ state, generation, acked_generation }) => state === 'ready' && generation === acked_generation);
    },
    { what: 'every host to confirm its last generation', timeoutMs: SETTLE_MS, describe: () => last },
  );
}

/** Of runs that are over nothing runs any more. */
async function engineSettles({ hosts }: FleetStage): Promise<void> {
  for (const { name, witness } of hosts) {
    let last: unknown;
    await until(
      async () => {
        const running = await runningContainers(witness);
        last = running;
        return running?.length === 0;
      },
      { what: `no container to run on ${name}`, timeoutMs: SETTLE_MS, describe: () => last },
    );
  }
}

/** With its run the last container goes. */
async function everythingIsRemoved({ client, hosts }: FleetStage, accepted: readonly AcceptedRun[]): Promise<void> {
  await forEach(accepted, async ({ id }) => void (await steadily('a run to be deleted', () => client.deleteRun(id))));
  for (const { name, witness } of hosts) {
    let last: unknown;
    await until(
      async () => {
        last = await witness.containers();
        return Array.isArray(last) && last.length === 0;
      },
      { what: `no container to be left on ${name}`, timeoutMs: SETTLE_MS, describe: () => last },
    );
  }
}
