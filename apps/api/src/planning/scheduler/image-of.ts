/** What the scheduler compares of an image reference. */
import { DOCKER_HUB, familiarImageName, parseImageReference } from '@berth/shared/model/image-reference';

export function imageOf(reference: string): { name: string; registry: string } {
  const parsed = parseImageReference(reference);
  if (!parsed.ok) return { name: reference, registry: DOCKER_HUB };
  return { name: familiarImageName(parsed.image), registry: parsed.image.registry };
}
