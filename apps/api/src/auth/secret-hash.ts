import { createHash } from 'node:crypto';

/** As the api-key plugin hashes (its defaultKeyHasher): SHA-256, base64url without padding. For random secrets, not for passwords. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
