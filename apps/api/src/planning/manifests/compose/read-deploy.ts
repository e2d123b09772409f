/** `deploy` of a service: how many, with what, how it rolls, and where. */
import { isObject, type Json, type JsonObject } from '../model.ts';
import type { Path, Reading } from './reading.ts';
import { listOf, readCount, readDuration, readPairs, readSize, readText } from './values.ts';

export interface Deploy {
  replicas?: number;
  /** Of the service, not of its containers. */
  labels?: Record<string, string>;
  resources: JsonObject;
  update?: JsonObject;
  /** As `restart` would have it. */
  restart?: JsonObject;
  placement?: JsonObject;
}

const NOT_CARRIED_OUT = 'is not carried out: leave it out';

export function readDeploy(reading: Reading, path: Path, value: Json): Deploy {
  const deploy: Deploy = { resources: {} };
  const replicas = isObject(value) && Number(value.replicas) > 0 ? Number(value.replicas) : 1;
  each(reading, path, value, {
    mode: (at, mode) => {
      if (mode !== 'replicated')
        reading.refuse(
          at,
          `"${String(mode)}" is not supported: a service has a number of replicas (deploy.replicas); a job is a manifest of kind Run`,
        );
    },
    replicas: (at, count) => {
      deploy.replicas = readCount(reading, at, count);
    },
    labels: (at, labels) => {
      deploy.labels = readPairs(reading, at, labels, () => '');
    },
    resources: (at, resources) => readResources(reading, at, resources, deploy.resources),
    restart_policy: (at, policy) => {
      deploy.restart = readRestartPolicy(reading, at, policy);
    },
    update_config: (at, config) => {
      deploy.update = readUpdate(reading, at, config, replicas);
    },
    placement: (at, placement) => {
      deploy.placement = readPlacement(reading, at, placement);
    },
  });
  return deploy;
}

/** A reader a key; all others are refused. */
export function each(reading: Reading, path: Path, value: Json, readers: Readonly<Record<string, (at: Path, value: Json) => void>>): void {
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, key];
    if (key.startsWith('x-')) continue;
    const read = readers[key];
    if (read) read(at, item);
    else reading.refuse(at, NOT_CARRIED_OUT);
  }
}

function readResources(reading: Reading, path: Path, value: Json, into: JsonObject): void {
  const take = (field: string, read: Json | undefined) => {
    if (read !== undefined) into[field] = read;
  };
  each(reading, path, value, {
    limits: (at, limits) =>
      each(reading, at, limits, {
        cpus: (place, cpus) => take('cpu', readText(reading, place, cpus)),
        memory: (place, memory) => take('memory', readSize(reading, place, memory)),
        pids: (place, pids) => take('pids', readCount(reading, place, pids)),
      }),
    // What is reserved is the limit, too: one of another amount would be another promise.
    reservations: (at, reservations) => {
      const limits = isObject(value) && isObject(value.limits) ? value.limits : {};
      const same = (key: string) => (place: Path, reserved: Json) => {
        if (String(reserved) === String(limits[key] ?? '')) return;
        reading.refuse(place, `what is limited is reserved here: write the same amount as deploy.resources.limits.${key}, or leave it out`);
      };
      each(reading, at, reservations, { cpus: same('cpus'), memory: same('memory') });
    },
  });
}

function readRestartPolicy(reading: Reading, path: Path, value: Json): JsonObject {
  const policy: JsonObject = { policy: 'always' };
  each(reading, path, value, {
    condition: (at, condition) => {
      if (condition === 'none') policy.policy = 'never';
      else if (condition === 'on-failure') policy.policy = 'on-failure';
      else if (condition !== 'any') reading.refuse(at, 'must be none, on-failure or any');
    },
    max_attempts: (at, most) => {
      const count = readCount(reading, at, most);
      if (count !== undefined && count > 0) policy.maxRetries = count;
    },
  });
  return policy;
}

function readUpdate(reading: Reading, path: Path, value: Json, replicas: number): JsonObject {
  // As Compose and Swarm have it where nothing is said: one at a time, the old one first.
  let parallelism = 1;
  const update: JsonObject = { order: 'stop-first', onFailure: 'pause' };
  each(reading, path, value, {
    parallelism: (at, count) => {
      const read = readCount(reading, at, count);
      if (read !== undefined) parallelism = read === 0 ? replicas : read;
    },
    order: (at, order) => {
      if (order === 'start-first' || order === 'stop-first') update.order = order;
      else reading.refuse(at, 'must be start-first or stop-first');
    },
    failure_action: (at, action) => {
      if (action === 'rollback') update.onFailure = 'roll-back';
      else if (action !== 'pause') reading.refuse(at, 'a roll-out that fails is paused or rolled back: write pause or rollback');
    },
    monitor: (at, monitor) => {
      const seconds = readDuration(reading, at, monitor);
      if (seconds !== undefined) update.minReadySeconds = seconds;
    },
  });
  const atOnce =
    update.order === 'start-first' ? { maxSurge: parallelism, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: parallelism };
  return { ...update, ...atOnce };
}

const CONSTRAINT = /^node\.labels\.(\S+?)\s*(==|!=)\s*(\S.*)$/;

function readPlacement(reading: Reading, path: Path, value: Json): JsonObject {
  const placement: JsonObject = {};
  each(reading, path, value, {
    constraints: (at, constraints) => {
      placement.constraints = listOf(constraints).flatMap((constraint, index) => {
        const [, label, sign, wanted] = CONSTRAINT.exec(String(constraint).trim()) ?? [];
        if (label !== undefined && wanted !== undefined) return [{ label, operator: sign === '==' ? 'in' : 'not-in', values: [wanted] }];
        reading.refuse([...at, String(index)], 'only labels of hosts can be demanded: node.labels.zone == a');
        return [];
      });
    },
    preferences: (at, preferences) => {
      for (const [index, preference] of listOf(preferences).entries()) {
        const spread = isObject(preference) ? String(preference.spread ?? '') : '';
        const label = /^node\.labels\.(\S+)$/.exec(spread)?.[1];
        if (label !== undefined && index === 0) placement.spreadOver = { label };
        else reading.refuse([...at, String(index)], 'one preference is carried out: spread: node.labels.zone');
      }
    },
  });
  return placement;
}
