/** What the readers of a Compose file share: where they stand, and how they say what cannot be done. */
import type { ManifestError } from '@berth/shared/http/manifests';
import { type Json, type Place, refusal } from '../model.ts';

export class Reading {
  readonly errors: ManifestError[] = [];
  readonly warnings: string[] = [];

  constructor(
    private readonly placeOf: (path: readonly string[]) => Place,
    readonly files: ReadonlyMap<string, string>,
    /** Of the `.env` beside the file. */
    readonly variables: ReadonlyMap<string, string>,
  ) {}

  refuse(path: readonly string[], message: string): undefined {
    this.errors.push(refusal(path.join('.'), message, this.placeOf(path)));
    return undefined;
  }

  warn(path: readonly string[], message: string): void {
    this.warnings.push(`${path.join('.')} (line ${this.placeOf(path).line}): ${message}`);
  }

  place(path: readonly string[]): Place {
    return this.placeOf(path);
  }
}

export type Path = readonly string[];
export type Reader<T> = (reading: Reading, path: Path, value: Json) => T | undefined;
