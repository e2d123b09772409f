/** The key of this host, and the one that may take its place. Neither private half ever leaves --home. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { keyChangeText } from '@berth/shared/protocol/agent';
import type { Call, CallAnswer, CallOf } from '@berth/shared/protocol/call';
import { readIfThere, writeDurably } from '../state/files.ts';

type KeyCall = CallOf<'key.make'> | CallOf<'key.use'>;
export const isKeyCall = (call: Call): call is KeyCall => call.name === 'key.make' || call.name === 'key.use';

export class HostKey {
  readonly #file: string;
  readonly #nextFile: string;
  #present: KeyObject;
  #next: KeyObject | null = null;

  private constructor(home: string, present: KeyObject) {
    this.#file = join(home, 'key.pem');
    this.#nextFile = join(home, 'key.next.pem');
    this.#present = present;
  }

  /** Made at the first start. */
  static async open(home: string): Promise<HostKey> {
    const file = join(home, 'key.pem');
    const stored = await readIfThere(file);
    if (stored !== null) return new HostKey(home, createPrivateKey(stored));
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeDurably(file, pemOf(privateKey));
    return new HostKey(home, privateKey);
  }

  get present(): KeyObject {
    return this.#present;
  }

  /** `changed`: the next hello is to be signed with another key. */
  async answer(call: KeyCall, hostId: string, changed: () => void): Promise<CallAnswer> {
    if (call.name === 'key.make') return { ok: true, value: await this.#make(hostId) };
    if (!this.#next || publicPem(this.#next) !== call.publicKey) {
      return { ok: false, code: 'refused', message: 'the key is not the one that the agent made last' };
    }
    // The old one is gone with this; whoever is asked for a key from now on has been told of the new one.
    await rename(this.#nextFile, this.#file);
    this.#present = this.#next;
    this.#next = null;
    setImmediate(changed);
    return { ok: true, value: {} };
  }

  async #make(hostId: string): Promise<{ publicKey: string; signature: string }> {
    const { privateKey } = generateKeyPairSync('ed25519');
    // On disk before the api hears of it: it may be the only one that is accepted a moment later.
    await writeDurably(this.#nextFile, pemOf(privateKey));
    this.#next = privateKey;
    const publicKey = publicPem(privateKey);
    return { publicKey, signature: sign(null, Buffer.from(keyChangeText(hostId, publicKey)), this.#present).toString('base64') };
  }
}

export const publicPem = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
