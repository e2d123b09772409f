/**
 * The installation's key, and those that it had before: what is sealed is sealed with the present one, and what an earlier one has sealed opens
 * until it was sealed anew (key-rewrap.ts). No row has any of them.
 */
import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { open, seal } from './secret-box.ts';

export interface Opened {
  plain: string;
  /** An earlier key had sealed it. */
  earlier: boolean;
}

@Injectable()
export class MasterKeys {
  private readonly present: Buffer;
  private readonly earlier: readonly Buffer[];

  constructor(@Inject(ENV) env: Pick<Env, 'BERTH_SECRET_KEY' | 'BERTH_SECRET_KEY_PREVIOUS'>) {
    this.present = env.BERTH_SECRET_KEY;
    this.earlier = env.BERTH_SECRET_KEY_PREVIOUS;
  }

  /** Of the present key; it tells nothing of it. */
  get fingerprint(): string {
    return this.digest('berth master key').slice(0, 16);
  }

  /** There is something to be sealed anew, or was. */
  get wasReplaced(): boolean {
    return this.earlier.length > 0;
  }

  /** What can be compared, and guessed only by who has the key. */
  digest(text: string): string {
    return createHmac('sha256', this.present).update(text).digest('hex');
  }

  seal(plain: string, boundTo: string): Buffer {
    return seal(this.present, plain, boundTo);
  }

  open(sealed: Uint8Array, boundTo: string): string {
    return this.openAny(sealed, boundTo).plain;
  }

  /** Throws where no key opens it. */
  openAny(sealed: Uint8Array, boundTo: string): Opened {
    try {
      return { plain: open(this.present, sealed, boundTo), earlier: false };
    } catch (error) {
      for (const key of this.earlier) {
        try {
          return { plain: open(key, sealed, boundTo), earlier: true };
        } catch {
          // The next one may.
        }
      }
      throw new Error('what is sealed opens with neither BERTH_SECRET_KEY nor one of BERTH_SECRET_KEY_PREVIOUS', { cause: error });
    }
  }
}
