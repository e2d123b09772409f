/** The keys by which agents prove which host they are: ed25519. */
import { createPublicKey, verify } from 'node:crypto';

/** One spelling for one key, so that a repeat is recognised; null where it is not ed25519. */
export function canonicalKey(pem: string): string | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key.export({ type: 'spki', format: 'pem' }).toString() : null;
  } catch {
    return null;
  }
}

/** `signature` in base64. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    return verify(null, Buffer.from(text), createPublicKey(publicKey), Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
