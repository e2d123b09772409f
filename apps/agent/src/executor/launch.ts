/** Steps `create`, `attach`, `start` and `adopt`: from an image to a container that runs and is listened to. */
import type { Failure, Outcome } from '@berth/shared/errors/outcome';
import type { Assignment } from '@berth/shared/protocol/agent';
import { CHECK_BEGINS, type CreateRequest } from '../engine/container-engine.ts';
import { afterRefusedStart, isBetweenLives, KEPT_STARTS, startsInRecord } from '../planner/lives.ts';
import type { ObservedContainer, StepPayloads } from '../planner/model.ts';
import { secretEnv } from '../secrets/secret-values.ts';
import { doubtStart } from './doubt.ts';
import { reportRunning } from './hold.ts';
import { listen, stopListening } from './listening.ts';
import type { StepResult, World } from './world.ts';

/** `image`: exactly which, an id or by digest. The files of its secrets are there afterwards. */
export async function createRequest(assignment: Assignment, image: string, world: World): Promise<Outcome<CreateRequest>> {
  const { attemptId, runId, workspaceId, spec, ports, volumes = [], aliases = [] } = assignment;
  const request = { attemptId, runId, workspaceId, spec, ports, image, volumes, aliases };
  if (!spec.secrets?.length) return { ok: true, value: request };
  const env = secretEnv(assignment);
  if (!env.ok) return env;
  const failure = await world.secretFiles.write(assignment);
  if (failure) return { ok: false, failure };
  return { ok: true, value: { ...request, secretEnv: env.value, secretFiles: world.secretFiles.bound(assignment) } };
}

export async function create({ assignment }: StepPayloads['create'], world: World): Promise<StepResult> {
  const state = world.state(assignment.attemptId);
  world.report(assignment, 'creating', 'creating-container', 'creating the container');
  // The assignment must outlive a crash before the engine hears of it.
  await world.ledger.saved();
  const request = await createRequest(assignment, state.image ?? assignment.spec.image, world);
  if (!request.ok) return world.hindered(assignment, request.failure);
  const created = await world.engine.createContainer(request.value);
  if (created.ok) {
    world.observe(created.value);
    return null;
  }
  if (created.failure.kind === 'cannot-ever' && created.failure.reason === 'image-not-present' && !state.pulledAgain) {
    state.pulledAgain = true;
    state.progress.imageReady = false;
    return null;
  }
  return world.hindered(assignment, created.failure);
}

export async function attach({ assignment, containerId }: StepPayloads['attach'], world: World): Promise<StepResult> {
  const { attemptId } = assignment;
  const state = world.state(attemptId);
  world.ledger.startMarked.add(attemptId);
  state.progress.startMarked = true;
  const lives = world.ledger.livesOf(attemptId);
  const heard = world.output(assignment);
  // The clock is the engine's, too: what it records from now on is of the life that begins.
  if (lives.restarts > 0) {
    const { next } = heard.buffer;
    // A start that found no room began nothing: the one that follows takes its place.
    const before = lives.starts.filter(({ stdout, stderr }) => stdout !== next.stdout || stderr !== next.stderr);
    const starts = [...before, { at: Date.now(), ...next }].slice(-KEPT_STARTS);
    world.ledger.lives.set(attemptId, { ...lives, starts });
  }
  const [output, waiting] = await Promise.all([
    heard.attach(containerId),
    world.engine.awaitExit(containerId, 'next-exit'),
    world.ledger.saved(),
  ]);
  if (!output.ok || !waiting.ok) {
    if (waiting.ok) waiting.value.close();
    return output.ok ? (waiting.ok ? null : waiting.failure) : output.failure;
  }
  listen(attemptId, containerId, waiting.value, world);
  return null;
}

export async function start({ assignment, containerId }: StepPayloads['start'], world: World): Promise<StepResult> {
  const { attemptId } = assignment;
  world.report(assignment, 'starting', 'starting-container', 'starting the container');
  // They may be gone since it was created: the host was started again.
  const unwritten = await world.secretFiles.write(assignment);
  if (unwritten) return world.hindered(assignment, unwritten);
  const started = await world.engine.startContainer(containerId);
  if (!started.ok) {
    const failure = world.hindered(assignment, started.failure);
    if (failure.kind === 'cannot-now' && failure.unanswered) await doubtStart(attemptId, world);
    if (failure.kind === 'bug' || failure.reason === 'waiting-for-engine') return failure;
    // Whether it ran all the same is for the engine to say.
    const found = await world.engine.inspectContainer(containerId);
    if (!found.ok) return found.failure;
    const never = !found.value || found.value.state === 'created' || isBetweenLives(found.value, world.ledger.lives.get(attemptId));
    if (never || !found.value) {
      if (failure.kind === 'cannot-ever') return refused(assignment, found.value, failure, world);
      await stopListening(assignment, found.value, world);
      return failure;
    }
    world.observe(found.value);
    return null;
  }
  const container = world.container(attemptId);
  // Its end may have been heard before the answer to its start.
  if (container && (container.state === 'created' || isBetweenLives(container, world.ledger.lives.get(attemptId)))) {
    const health = container.health ? CHECK_BEGINS : null;
    const begun = { startedAt: Date.now(), finishedAt: null, exitCode: null, oomKilled: false, health };
    world.observe({ ...container, state: 'running', ...begun });
    world.report(assignment, 'running', 'running', 'running');
  }
  return null;
}

/** Its first start, or the last that its policy asks for: it has failed. Else it is tried again after a pause. */
async function refused(
  assignment: Assignment,
  container: ObservedContainer | null,
  failure: Extract<Failure, { kind: 'cannot-ever' }>,
  world: World,
): Promise<StepResult> {
  const { attemptId, spec } = assignment;
  const lives = world.ledger.lives.get(attemptId);
  if (!container || !lives || !isBetweenLives(container, lives)) return failure;
  const message = `could not be started: ${failure.message}`;
  const next = afterRefusedStart({ container, spec, lives, failure, message, now: Date.now(), chance: Math.random() });
  if (!next) return failure;
  await stopListening(assignment, container, world);
  world.ledger.lives.set(attemptId, next.lives);
  await world.ledger.saved();
  world.restarting(assignment, next.message, { exitCode: next.exitCode });
  return null;
}

export async function adopt({ assignment, containerId }: StepPayloads['adopt'], world: World): Promise<StepResult> {
  const { attemptId } = assignment;
  const waiting = await world.engine.awaitExit(containerId, 'not-running');
  if (!waiting.ok) return waiting.failure;
  listen(attemptId, containerId, waiting.value, world);
  world.state(attemptId).intact = false;
  reportRunning(assignment, world.container(attemptId), world);
  const output = world.output(assignment);
  // Asked anew: what is known of its start may be by the clock of this process.
  const found = await world.engine.inspectContainer(containerId);
  const starts = startsInRecord(found.ok ? found.value : null, world.ledger.livesOf(attemptId));
  void Promise.all([world.storedOffsets(attemptId), world.secretsKnown(assignment)]).then(([stored]) =>
    output.resume(containerId, stored, starts),
  );
  return null;
}
