/** Whether a run has the newest of its image, from what its registry last said. Pure. */
import type { RunImage } from '@berth/shared/http/run-image';
import { familiarImageName, formatImageReference, type ImageReference } from '@berth/shared/model/image-reference';

export interface ImageCheck {
  digest: string | null;
  newerTag: string | null;
  error: string | null;
  checkedAt: Date | null;
}

export interface ImageOfRun {
  image: ImageReference;
  /** What the run has; null where its host did not pull it from a registry, or has not yet. */
  digest: string | null;
  /** Null: the registry was not asked yet. */
  check: ImageCheck | null;
  /** Familiar names of the images of its host. */
  onHost: readonly string[];
  /** Whether registries are asked at all. */
  checked: boolean;
}

export function imageState({ image, digest, check, onHost, checked }: ImageOfRun): RunImage {
  const newerVersion = check?.newerTag ? formatImageReference({ ...image, tag: check.newerTag, digest: undefined }) : null;
  const tagDigest = check?.digest ?? null;
  const is = (state: RunImage['state'], message: string): RunImage => ({
    state,
    message,
    reference: formatImageReference(image),
    digest,
    tagDigest,
    newerVersion,
    checkedAt: check?.checkedAt?.toISOString() ?? null,
  });
  if (image.digest) return is('current', 'It names a digest, which never moves.');
  if (!checked) return is('unknown', 'Registries are not asked for newer images here (IMAGE_CHECK_SECONDS is 0).');
  if (!check || (check.checkedAt === null && check.error === null)) return is('unknown', 'Its registry was not asked yet.');
  if (tagDigest !== null && digest !== null && tagDigest !== digest) {
    const pulled = onHost.includes(familiarImageName({ registry: image.registry, repository: image.repository, digest: tagDigest }));
    return pulled
      ? is('pulled-not-running', `A newer ${image.tag} is on its host already, and does not run here.`)
      : is('tag-moved', `${image.tag} names a newer image by now.`);
  }
  if (newerVersion !== null) return is('newer-version', `There is a higher version: ${check.newerTag}.`);
  if (check.error !== null) return is('unknown', check.error);
  if (digest === null) return is('unknown', 'It is not known which digest it has.');
  return is('current', 'It is the newest.');
}
