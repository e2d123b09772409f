/** Step `pull`: the image is on the host afterwards, as the spec's policy asks, and it is known exactly which. */
import type { Outcome } from '@berth/shared/errors/outcome';
import { defaultPullPolicy, familiarImageName, type ImageReference, parseImageReference } from '@berth/shared/model/image-reference';
import type { Layer, Pull } from '@berth/shared/model/pull';
import { formatBytes } from '@berth/shared/model/quantity';
import type { Assignment } from '@berth/shared/protocol/agent';
import type { LocalImage } from '../engine/container-engine.ts';
import type { ObservedContainer, StepPayloads } from '../planner/model.ts';
import { createRequest } from './launch.ts';
import type { StepResult, World } from './world.ts';

export async function pull({ assignment, createEarly }: StepPayloads['pull'], world: World): Promise<StepResult> {
  const { attemptId, spec } = assignment;
  const parsed = parseImageReference(spec.image);
  if (!parsed.ok) return { kind: 'cannot-ever', reason: 'invalid-spec', message: parsed.message };
  const name = familiarImageName(parsed.image);
  const policy = spec.pullPolicy ?? defaultPullPolicy(parsed.image);
  const state = world.state(attemptId);
  // With `always` the registry is asked in any case: the look at the host, which is for the first line, goes beside it.
  const looking = world.pulls.find(spec.image);
  if (policy !== 'always') {
    const found = await looking;
    if (!found.ok) return found.failure;
    if (found.value) return present(attemptId, found.value, name, world);
    if (policy === 'never') {
      const message = `the image ${name} is not on the host, and pullPolicy is never`;
      return { kind: 'cannot-ever', reason: 'image-not-present', message };
    }
  }
  world.report(assignment, 'pulling', 'pulling-image', `pulling ${name}`);
  const headline: string[] = state.pulledAgain
    ? [`The image ${name} was removed from the host before its container was created: pulling it again`]
    : [];
  void looking.then((found) => {
    if (found.ok && found.value === null) headline.push(`Unable to find image '${name}' locally`);
  });
  const show = (pulled: Pull): void => {
    const shown = { ...pulled, headline: [...headline, ...pulled.headline] };
    world.outbox.pull(attemptId, shown);
    if (pulled.layers.length > 0 && pulled.state === 'pulling')
      world.report(assignment, 'pulling', 'pulling-image', sentence(name, pulled.layers));
  };
  const asking = world.pulls.join(attemptId, spec.image, assignment.credentials, show);
  const early = createEarly && policy === 'always' ? await createFrom(await looking, assignment, world) : null;
  const outcome = await asking;
  const same = outcome.ok && early !== null && early.image.digest === outcome.value.digest;
  if (early && !same) await world.engine.removeContainer(early.container.containerId);
  if (!outcome.ok) return world.hindered(assignment, outcome.failure);
  show(outcome.value);
  const exact = await exactImage(parsed.image, outcome.value, world);
  if (!exact) return { kind: 'cannot-ever', reason: 'image-pull-failed', message: `${name} was pulled, but is not on the host` };
  Object.assign(state, { image: exact.exact, imageDigest: exact.digest });
  state.progress.imageReady = true;
  if (same) world.observe(early.container);
  return null;
}

interface EarlyContainer {
  image: LocalImage;
  container: ObservedContainer;
}

/** A container of the image that is here, for the case that the registry has no newer one. Null where it cannot be made: then it is made later. */
async function createFrom(found: Outcome<LocalImage | null>, assignment: Assignment, world: World): Promise<EarlyContainer | null> {
  if (!found.ok || !found.value?.digest) return null;
  await world.ledger.saved();
  const request = await createRequest(assignment, found.value.exact, world);
  if (!request.ok) return null;
  const created = await world.engine.createContainer(request.value);
  return created.ok ? { image: found.value, container: created.value } : null;
}

function present(attemptId: string, image: LocalImage, name: string, world: World): null {
  const state = world.state(attemptId);
  Object.assign(state, { image: image.exact, imageDigest: image.digest });
  state.progress.imageReady = true;
  const none = { headline: [], layers: [], digest: image.digest, status: null, error: null, startedAt: null, finishedAt: null };
  world.outbox.pull(attemptId, { state: 'none', reference: name, ...none });
  return null;
}

/** By digest where the registry told one: the tag may have moved on meanwhile. */
async function exactImage(image: ImageReference, pulled: Pull, world: World): Promise<LocalImage | null> {
  if (pulled.digest !== null) {
    return { exact: familiarImageName({ ...image, tag: undefined, digest: pulled.digest }), digest: pulled.digest };
  }
  const found = await world.engine.findImage(familiarImageName(image));
  return found.ok ? found.value : null;
}

/** "pulling nginx:1.29: layer 3 of 7, 41 MiB of 98 MiB" (law L6). */
export function sentence(name: string, layers: Layer[]): string {
  const done = layers.filter((layer) => layer.state === 'complete' || layer.state === 'exists').length;
  const moving = layers.filter((layer) => layer.state === 'downloading' && layer.total !== null);
  const sum = (pick: (layer: Layer) => number | null) => moving.reduce((total, layer) => total + (pick(layer) ?? 0), 0);
  const bytes = moving.length > 0 ? `, ${formatBytes(sum((l) => l.current))} of ${formatBytes(sum((l) => l.total))}` : '';
  return `pulling ${name}: layer ${Math.min(done + 1, layers.length)} of ${layers.length}${bytes}`;
}
