/**
 * A Compose file → what is wanted, by the same contracts as manifests. What Compose has and Berth cannot do is refused by its path, with
 * the reason; nothing is dropped in silence. What is read is what the official schema allows.
 */
import { isObject, type Json, type JsonObject, type Read, type Wanted } from '../model.ts';
import type { SourceDocument } from '../read-documents.ts';
import { parseManifest, twice } from '../read-manifests.ts';
import { composeFaults } from './compose-schema.ts';
import { readEnvFile } from './env-file.ts';
import { interpolate } from './interpolate.ts';
import { composePathOf } from './paths.ts';
import { each } from './read-deploy.ts';
import { type ComposeService, readService } from './read-service.ts';
import { Reading } from './reading.ts';
import { readPairs } from './values.ts';

/** A document made of a part of the file. */
interface Made {
  kind: 'Service' | 'Run' | 'Volume';
  name: string;
  labels: Record<string, string>;
  spec: JsonObject;
  path: readonly string[];
  after: Wanted['after'];
}

export function readCompose(document: SourceDocument, files: ReadonlyMap<string, string>): Read<Wanted[]> {
  const made = composeManifests(document, files);
  if (!made.ok) return made;
  const read = made.value.map(({ manifest, after, pathOf }) =>
    parseManifest(manifest, { after, pathOf, place: (path) => document.place(pathOf(path).split('.')) }),
  );
  const errors = read.flatMap((one) => (one.ok ? [] : one.errors));
  const wanted = read.flatMap((one) => (one.ok ? [one.value] : []));
  errors.push(...twice(wanted));
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: wanted, warnings: made.warnings };
}

/** A manifest, and how its paths are called in the Compose file. */
export interface ComposeManifest {
  manifest: JsonObject;
  after: Wanted['after'];
  pathOf: (path: string) => string;
}

export function composeManifests({ value, place }: SourceDocument, files: ReadonlyMap<string, string>): Read<ComposeManifest[]> {
  const variables = variablesOf(files);
  const reading = new Reading(place, files, variables.ok ? variables.variables : new Map());
  if (!variables.ok) reading.refuse([], `line ${variables.line} of ".env" ${variables.message}`);
  const file = interpolate(reading, value);
  for (const { path, message } of composeFaults(file)) reading.refuse(path, message);
  if (reading.errors.length > 0 || !isObject(file)) return { ok: false, errors: reading.errors };

  const made = readFile(reading, file);
  if (reading.errors.length > 0) return { ok: false, errors: reading.errors };
  const manifests = made.map(({ kind, name, labels, spec, path, after }) => ({
    manifest: { kind, metadata: { name, ...(Object.keys(labels).length > 0 && { labels }) }, spec },
    after,
    pathOf: composePathOf(kind, path),
  }));
  return { ok: true, value: manifests, warnings: reading.warnings };
}

const variablesOf = (files: ReadonlyMap<string, string>) => readEnvFile(files.get('.env') ?? '');

function readFile(reading: Reading, file: JsonObject): Made[] {
  const project = typeof file.name === 'string' ? { 'compose.project': file.name } : undefined;
  for (const [key, reason] of Object.entries(TOP_LEVEL_REFUSED)) if (file[key] !== undefined) reading.refuse([key], reason);
  const volumes = readVolumes(reading, file.volumes);
  const secrets = isObject(file.secrets) ? Object.keys(file.secrets) : [];
  if (secrets.length > 0) reading.refuse(['secrets'], 'secrets in a container are not supported yet; put the value into environment');
  const names = new Map(volumes.map(({ key, name }) => [key, name]));
  const services = Object.entries(isObject(file.services) ? file.services : {}).flatMap(([name, value]) =>
    isObject(value) ? [readService(reading, name, ['services', name], value, { volumes: names })] : [],
  );
  refuseNetworks(reading, file.networks, services);
  const kinds = kindsOf(reading, services);
  const documents = services.map((service) => documentOf(reading, service, kinds, project ?? {}));
  if (services.filter(({ spec }) => spec.network !== 'host').length > 1)
    reading.warn(
      ['services'],
      'containers find one another by the names of their services on one host only; on another one each is reached at its host and its published port',
    );
  const kept = volumes.filter(({ external }) => !external);
  return [
    ...kept.map(
      ({ key, name, labels }): Made => ({
        kind: 'Volume',
        name,
        labels: { ...project, ...labels },
        spec: {},
        path: ['volumes', key],
        after: [],
      }),
    ),
    ...documents,
  ];
}

const TOP_LEVEL_REFUSED: Readonly<Record<string, string>> = {
  configs: 'configs are not supported yet; put the value into environment, or a folder of the host into volumes',
  include: 'only one file is read: write out what it includes',
  models: 'models are not supported',
};

interface Volume {
  key: string;
  name: string;
  labels: Record<string, string>;
  external: boolean;
}

function readVolumes(reading: Reading, value: Json | undefined): Volume[] {
  return Object.entries(isObject(value) ? value : {}).map(([key, options]) => {
    const path = ['volumes', key];
    const volume: Volume = { key, name: key, labels: {}, external: false };
    each(reading, path, options, {
      name: (_at, name) => {
        volume.name = String(name);
      },
      external: (_at, external) => {
        volume.external = external !== false && external !== 'false';
        if (isObject(external) && external.name !== undefined) volume.name = String(external.name);
      },
      labels: (at, labels) => {
        volume.labels = readPairs(reading, at, labels, () => '');
      },
      driver: (at, driver) => {
        if (driver !== 'local') reading.refuse(at, 'a volume is a folder that the engine of its host keeps: the driver is local');
      },
    });
    return volume;
  });
}

/** One network is what there is; several would promise walls between services that do not stand. */
function refuseNetworks(reading: Reading, value: Json | undefined, services: readonly ComposeService[]): void {
  const used = services.flatMap(({ networks }) => networks);
  const [first] = used;
  const alone = services.every(({ networks, spec }) => spec.network === 'host' || networks.length > 0) ? first?.name : first && 'default';
  for (const { name, path } of used)
    if (name !== (alone ?? 'default'))
      reading.refuse(path, 'several networks would keep services apart, which is not supported: let all be in one');
  for (const [name, options] of Object.entries(isObject(value) ? value : {}))
    each(reading, ['networks', name], options, {
      name: () => undefined,
      driver: (at, driver) => {
        if (driver !== 'bridge') reading.refuse(at, `"${String(driver)}" is not supported: bridge is`);
      },
      external: (at, external) => {
        if (external !== false) reading.refuse(at, 'networks of your own are not supported yet: leave it out');
      },
    });
}

type Kinds = ReadonlyMap<string, 'Service' | 'Run'>;

/** What is to end is a run: `restart: "no"`, or others wait for its completion. All else goes on, and is a service. */
function kindsOf(reading: Reading, services: readonly ComposeService[]): Kinds {
  const completed = new Set(services.flatMap(({ needs }) => needs.filter(({ until }) => until === 'completed').map(({ name }) => name)));
  const kinds = new Map(services.map(({ name, once }) => [name, once || completed.has(name) ? ('Run' as const) : ('Service' as const)]));
  for (const { name, path, spec, deploy } of services) {
    if (kinds.get(name) === 'Service') {
      if (spec.restart === undefined)
        reading.warn(
          path,
          'no restart is set: it becomes a service, whose containers are replaced when they end; with restart: "no" it becomes a run',
        );
      continue;
    }
    if (isObject(spec.restart) && spec.restart.policy === 'always')
      reading.refuse(
        [...path, 'restart'],
        'others wait until it has ended, and it would be started again for ever: write "no" or on-failure',
      );
    if ((deploy.replicas ?? 1) !== 1) reading.refuse([...path, 'deploy', 'replicas'], 'what runs once runs once: a service has replicas');
    if (deploy.update) reading.refuse([...path, 'deploy', 'update_config'], 'what runs once is not rolled: a service is');
  }
  return kinds;
}

function documentOf(
  reading: Reading,
  { name, path, spec, labels, deploy, needs }: ComposeService,
  kinds: Kinds,
  project: Record<string, string>,
): Made {
  const kind = kinds.get(name) ?? 'Service';
  const after = needs.flatMap(({ name: other, until, path: at }): Wanted['after'] => {
    const found = kinds.get(other);
    if (found) return [{ kind: found, name: other, until }];
    reading.refuse(at, `there is no service "${other}" in the file`);
    return [];
  });
  if (kind === 'Run') return { kind, name, labels: { ...project, ...labels, ...deploy.labels }, spec, path, after };
  const template: JsonObject = { ...(Object.keys(labels).length > 0 && { labels }), spec };
  const update = deploy.update && { update: deploy.update };
  return {
    kind,
    name,
    labels: { ...project, ...deploy.labels },
    spec: { replicas: deploy.replicas ?? 1, template, ...update },
    path,
    after,
  };
}
