/**
 * Image references as Docker reads them (distribution/reference): `[registry/]repository[:tag][@digest]`.
 * Docker Hub is the default registry, `library/` its default namespace, `latest` the default tag.
 */
export const DOCKER_HUB = 'docker.io';

export interface ImageReference {
  /** Host of the registry, "docker.io" where none was named. */
  registry: string;
  /** Path in the registry: "library/hello-world". */
  repository: string;
  /** Undefined only where a digest is given without a tag. */
  tag?: string;
  /** "sha256:…" */
  digest?: string;
}

export type ParsedImage = { ok: true; image: ImageReference } | { ok: false; message: string };

const REGISTRY = /^(?:localhost|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\d{1,5})?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** Never throws; `message` says what is wrong and the mend. */
export function parseImageReference(text: string): ParsedImage {
  const bad = (message: string): ParsedImage => ({ ok: false, message });
  if (text === '') return bad('must name an image, for example "hello-world" or "ghcr.io/team/app:1.2"');
  if (text !== text.trim() || /\s/.test(text)) return bad(`"${text}" has white space in it; an image reference has none`);
  if (text.length > 512) return bad('is longer than 512 characters');
  let rest = text;
  let digest: string | undefined;
  const at = rest.indexOf('@');
  if (at >= 0) {
    digest = rest.slice(at + 1);
    rest = rest.slice(0, at);
    if (!DIGEST.test(digest)) return bad(`the digest "${digest}" is not "sha256:" and 64 hexadecimal digits`);
  }
  let tag: string | undefined;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (!TAG.test(tag))
      return bad(`the tag "${tag}" is not made of letters, digits, "_", "." and "-" (128 at most, not starting with "." or "-")`);
  }
  let registry = DOCKER_HUB;
  const slash = rest.indexOf('/');
  const first = slash > 0 ? rest.slice(0, slash) : '';
  if (first !== '' && (first.includes('.') || first.includes(':') || first === 'localhost')) {
    registry = first === 'index.docker.io' ? DOCKER_HUB : first;
    rest = rest.slice(slash + 1);
    if (!REGISTRY.test(registry)) return bad(`the registry "${registry}" is not a host name with an optional port`);
  }
  for (const part of rest.split('/')) {
    if (part === '') return bad('has an empty part between slashes');
    if (/[A-Z]/.test(part)) return bad(`the repository "${rest}" has capital letters; write it in lower case`);
    if (!COMPONENT.test(part))
      return bad(`"${part}" is not a valid repository name: lower-case letters and digits, separated by ".", "_" or "-"`);
  }
  if (rest.length > 255) return bad('has a repository name longer than 255 characters');
  const repository = registry === DOCKER_HUB && !rest.includes('/') ? `library/${rest}` : rest;
  return { ok: true, image: { registry, repository, tag: tag ?? (digest ? undefined : 'latest'), digest } };
}

/** The full form: "docker.io/library/hello-world:latest". */
export function formatImageReference(image: ImageReference): string {
  return `${image.registry}/${image.repository}${image.tag ? `:${image.tag}` : ''}${image.digest ? `@${image.digest}` : ''}`;
}

/** As Docker shows it: "hello-world:latest" for an official image of Docker Hub. */
export function familiarImageName(image: ImageReference): string {
  const repository = image.registry === DOCKER_HUB ? image.repository.replace(/^library\//, '') : `${image.registry}/${image.repository}`;
  return `${repository}${image.tag ? `:${image.tag}` : ''}${image.digest ? `@${image.digest}` : ''}`;
}

export type PullPolicy = 'always' | 'if-not-present' | 'never';

/** As Kubernetes has it: always for `:latest` or no tag, if-not-present for another tag or a digest. */
export function defaultPullPolicy(image: ImageReference): PullPolicy {
  return !image.digest && image.tag === 'latest' ? 'always' : 'if-not-present';
}
