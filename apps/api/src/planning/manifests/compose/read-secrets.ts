/** `secrets` of a Compose file, and of its services: each is a file in memory, /run/secrets/NAME where nothing else is said. */
import { isObject, type Json, type JsonObject } from '../model.ts';
import { normalized } from '../source-names.ts';
import { each } from './read-deploy.ts';
import type { Path, Reading } from './reading.ts';
import { readPairs } from './values.ts';

export interface ComposeSecret {
  key: string;
  name: string;
  labels: Record<string, string>;
  /** Absent where it is there already (`external`). */
  value?: string;
}

export function readSecrets(reading: Reading, value: Json | undefined): ComposeSecret[] {
  return Object.entries(isObject(value) ? value : {}).map(([key, options]) => {
    const path = ['secrets', key];
    const secret: ComposeSecret = { key, name: key, labels: {} };
    let external = false;
    each(reading, path, options, {
      name: (_at, name) => {
        secret.name = String(name);
      },
      external: (_at, said) => {
        external = said !== false && said !== 'false';
        if (isObject(said) && said.name !== undefined) secret.name = String(said.name);
      },
      labels: (at, labels) => {
        secret.labels = readPairs(reading, at, labels, () => '');
      },
      file: (at, file) => {
        const text = reading.files.get(normalized(String(file)));
        if (text === undefined)
          reading.refuse(
            at,
            `"${String(file)}" is a file beside this one, and is not given: send it with it, or make the secret and say external: true`,
          );
        else secret.value = text;
      },
      environment: (at, name) => {
        const text = reading.variables.get(String(name));
        if (text === undefined)
          reading.refuse(at, `the variable ${String(name)} is not set: set it in the file .env, given beside this one`);
        else secret.value = text;
      },
    });
    const says = isObject(options) && (options.file !== undefined || options.environment !== undefined);
    if (!external && !says) reading.refuse(path, 'has no value: name a file, a variable of .env (environment), or say external: true');
    return secret;
  });
}

/** `named`: the secrets that the file declares, with the names that they have in Berth. */
export function readSecretUses(reading: Reading, path: Path, value: Json, named: ReadonlyMap<string, string>): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry, index): JsonObject[] => {
    const at = [...path, String(index)];
    const source = isObject(entry) ? String(entry.source ?? '') : String(entry);
    const secret = named.get(source);
    if (secret === undefined) {
      reading.refuse(at, `there is no secret "${source}" under the secrets of the file`);
      return [];
    }
    const use: JsonObject = { secret, file: `/run/secrets/${source}` };
    if (isObject(entry))
      each(reading, at, entry, {
        source: () => undefined,
        target: (_place, target) => {
          use.file = String(target).startsWith('/') ? String(target) : `/run/secrets/${String(target)}`;
        },
        mode: (_place, mode) => {
          use.mode = octal(mode);
        },
        uid: (_place, uid) => {
          use.uid = Number(uid);
        },
        gid: (_place, gid) => {
          use.gid = Number(gid);
        },
      });
    return [use];
  });
}

/** 0440 is written as a number, which YAML 1.2 reads by its digits; 0o440 is 288 by then. */
function octal(mode: Json): string {
  const text = typeof mode === 'number' && /[89]/.test(String(mode)) ? mode.toString(8) : String(mode);
  return text.padStart(4, '0');
}
