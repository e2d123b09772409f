/** The handlers of all kinds that can be applied. */
import { isApplied } from '@berth/shared/model/manifest';
import { Injectable } from '@nestjs/common';
import type { KindHandler, KindHandlers } from './kind-handler.ts';
import { RegistryKind } from './registry-kind.ts';
import { RunKind } from './run-kind.ts';

@Injectable()
export class Kinds {
  readonly handlers: KindHandlers;

  constructor(registries: RegistryKind, runs: RunKind) {
    this.handlers = { Registry: registries, Run: runs };
  }

  of(kind: string): KindHandler | undefined {
    return isApplied(kind) ? this.handlers[kind] : undefined;
  }
}
