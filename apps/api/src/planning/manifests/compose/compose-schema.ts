/**
 * The official schema of the Compose Specification, as the package docker-compose carries it; of that package nothing else is used.
 * It says what is a Compose file at all. What of it can be carried out is said by the readers.
 */
import { Ajv, type ErrorObject } from 'ajv';
import schema from 'docker-compose/schema/compose-spec.json' with { type: 'json' };
import type { Json } from '../model.ts';

type Validate = ReturnType<Ajv['compile']>;
let compiled: Validate | null = null;
/** Once, when the first Compose file comes: it takes half a second, which no start of the api should. */
const compile = (): Validate =>
  new Ajv({ strict: false, allErrors: true, validateSchema: false }).compile({ ...schema, $schema: undefined });

/** All that is no Compose, by its path; empty where it is one. */
export function composeFaults(value: Json): { path: string[]; message: string }[] {
  compiled ??= compile();
  const validate = compiled;
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  // Of alternatives each says why it is not the one: what lies deeper is what was probably meant.
  const undecided = new Set(
    errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf').map(({ instancePath }) => instancePath),
  );
  const telling = errors.filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'anyOf');
  const byPath = new Map<string, ErrorObject[]>();
  for (const error of telling) {
    const deeper =
      undecided.has(error.instancePath) && telling.some(({ instancePath }) => instancePath.startsWith(`${error.instancePath}/`));
    if (!deeper) byPath.set(error.instancePath, [...(byPath.get(error.instancePath) ?? []), error]);
  }
  return [...byPath].flatMap(([path, of]) => faultsAt(path.split('/').slice(1).map(unescaped), of));
}

function faultsAt(path: string[], errors: readonly ErrorObject[]): { path: string[]; message: string }[] {
  const unknown = errors.flatMap(({ keyword, params }) => (keyword === 'additionalProperties' ? [String(params.additionalProperty)] : []));
  if (unknown.length > 0)
    return [...new Set(unknown)].map((key) => ({ path: [...path, key], message: `"${key}" is not a key of Compose here` }));
  const types = errors.flatMap(({ keyword, params }) => (keyword === 'type' ? [params.type].flat().map(String) : []));
  if (types.length > 0) return [{ path, message: `must be of type ${[...new Set(types)].join(' or ')}` }];
  const missing = errors.find(({ keyword }) => keyword === 'required');
  if (missing) return [{ path, message: `"${missing.params.missingProperty}" is required` }];
  const choice = errors.find(({ keyword }) => keyword === 'enum');
  if (choice) return [{ path, message: `must be one of ${[choice.params.allowedValues].flat().join(', ')}` }];
  return [{ path, message: errors[0]?.message ?? 'is not as Compose has it' }];
}

const unescaped = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');

/** The keys that a service of a Compose file can have. */
export const SERVICE_KEYS: readonly string[] = Object.keys(schema.definitions.service.properties);
