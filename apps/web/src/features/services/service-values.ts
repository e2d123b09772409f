/** The form of a service and its spec, each from the other. Pure. What a replica is, is written in the form of a run. */
import type { CreateService, ServiceSpec, ServiceTemplate } from '@berth/shared/model/service';
import { labelsFromText, labelsToText } from '../../lib/label-text.ts';
import { defined, EMPTY, type FieldError, type FormValues, fieldOf, fromRequest, number, toRequest } from '../runs/form-values.ts';
import { kept } from '../runs/kept.ts';
import { fromRoutes, type RouteRow, routeFieldOf, toRoutes } from './route-values.ts';

/** `labels` are those of its replicas. */
export interface ServiceValues extends FormValues {
  replicas: string;
  /** Labels of the service itself: "app=web, team=blue". */
  ownLabels: string;
  routes: RouteRow[];
  /** What is so by itself is not written. */
  order: '' | 'stop-first';
  maxSurge: string;
  maxUnavailable: string;
  canary: string;
  minReadySeconds: string;
  progressDeadlineSeconds: string;
  drainSeconds: string;
  onFailure: '' | 'pause';
  scaleMin: string;
  scaleMax: string;
  scaleCpu: string;
  scaleMemory: string;
  scaleUpWindow: string;
  scaleDownWindow: string;
  disruption: string;
  spreadOver: string;
}

const NO_SERVICE = {
  replicas: '',
  ownLabels: '',
  order: '',
  maxSurge: '',
  maxUnavailable: '',
  canary: '',
  minReadySeconds: '',
  progressDeadlineSeconds: '',
  drainSeconds: '',
  onFailure: '',
  scaleMin: '',
  scaleMax: '',
  scaleCpu: '',
  scaleMemory: '',
  scaleUpWindow: '',
  scaleDownWindow: '',
  disruption: '',
  spreadOver: '',
} as const;

export const EMPTY_SERVICE: ServiceValues = { ...EMPTY, ...NO_SERVICE, routes: [], replicas: '2' };

/** What is already there: what the form does not touch stays as it is written, be there a field for it or not. */
export interface Known {
  metadata: { name: string; labels?: Record<string, string> };
  spec: ServiceSpec;
}

export function fromService({ metadata, spec }: Known): ServiceValues {
  const { template, update, autoscale } = spec;
  const run = fromRequest({ metadata: { name: metadata.name, labels: template.labels }, spec: template.spec });
  const text = (value: string | number | undefined) => (value === undefined ? '' : String(value));
  return {
    ...run,
    restartPolicy: restartOf(template.spec),
    onHostLost: template.spec.onHostLost === 'wait' ? 'wait' : run.onHostLost === 'fence' ? 'fence' : '',
    replicas: text(spec.replicas),
    ownLabels: labelsToText(metadata.labels ?? {}).replaceAll('\n', ', '),
    routes: fromRoutes(spec.routes),
    order: update?.order === 'stop-first' ? 'stop-first' : '',
    maxSurge: text(update?.maxSurge),
    maxUnavailable: text(update?.maxUnavailable),
    canary: text(update?.canary),
    minReadySeconds: text(update?.minReadySeconds),
    progressDeadlineSeconds: text(update?.progressDeadlineSeconds),
    drainSeconds: text(update?.drainSeconds),
    onFailure: update?.onFailure === 'pause' ? 'pause' : '',
    scaleMin: text(autoscale?.min),
    scaleMax: text(autoscale?.max),
    scaleCpu: text(autoscale?.cpuPercent),
    scaleMemory: text(autoscale?.memoryPercent),
    scaleUpWindow: text(autoscale?.scaleUpWindowSeconds),
    scaleDownWindow: text(autoscale?.scaleDownWindowSeconds),
    disruption: text(spec.disruption?.maxUnavailable),
    spreadOver: text(spec.spreadOver),
  };
}

/** Always is what is so by itself. */
function restartOf({ restart }: ServiceTemplate['spec']): FormValues['restartPolicy'] {
  return restart === undefined || restart.policy === 'always' ? '' : restart.policy;
}

/** `known`: the service that is changed. `errors`: only what cannot be written as a request at all; the contract judges the rest. */
export function toService(values: ServiceValues, known?: Known): { request: CreateService; errors: FieldError[] } {
  const { request, errors } = fromValues(values);
  if (!known) return { request, errors };
  const untouched = fromValues(fromService(known)).request;
  const template = {
    ...kept(request.spec.template, untouched.spec.template, known.spec.template),
    spec: kept(request.spec.template.spec, untouched.spec.template.spec, known.spec.template.spec),
  };
  const sameLabels = JSON.stringify(request.metadata.labels) === JSON.stringify(untouched.metadata.labels);
  const labels = sameLabels ? known.metadata.labels : request.metadata.labels;
  const spec = kept(request.spec, untouched.spec, known.spec);
  return {
    request: {
      metadata: defined({ name: request.metadata.name, labels }),
      spec: defined({ ...spec, template }),
    },
    errors,
  };
}

function fromValues(values: ServiceValues): { request: CreateService; errors: FieldError[] } {
  const { request, errors } = toRequest(values);
  const { timeoutSeconds: _time, ttlSecondsAfterFinished: _ttl, concurrency: _turn, ...spec } = request.spec;
  const count = (text: string) => (text.trim() === '' ? undefined : number(text));
  const update = defined({
    order: values.order || undefined,
    maxSurge: count(values.maxSurge),
    maxUnavailable: count(values.maxUnavailable),
    canary: count(values.canary),
    minReadySeconds: count(values.minReadySeconds),
    progressDeadlineSeconds: count(values.progressDeadlineSeconds),
    drainSeconds: count(values.drainSeconds),
    onFailure: values.onFailure || undefined,
  });
  const [min, max] = [count(values.scaleMin), count(values.scaleMax)];
  const scale = defined({
    cpuPercent: count(values.scaleCpu),
    memoryPercent: count(values.scaleMemory),
    scaleUpWindowSeconds: count(values.scaleUpWindow),
    scaleDownWindowSeconds: count(values.scaleDownWindow),
  });
  const scales = min !== undefined || max !== undefined || Object.keys(scale).length > 0;
  if (scales && min === undefined) errors.push({ field: 'scaleMin', message: 'is needed to scale by use' });
  if (scales && max === undefined) errors.push({ field: 'scaleMax', message: 'is needed to scale by use' });
  const labels = labelsFromText(values.ownLabels.replaceAll(',', '\n'));
  const disruption = count(values.disruption);
  return {
    request: {
      metadata: { name: values.name.trim(), ...(Object.keys(labels).length > 0 && { labels }) },
      spec: defined({
        replicas: count(values.replicas),
        template: defined({ labels: request.metadata?.labels, spec }),
        update: Object.keys(update).length > 0 ? update : undefined,
        autoscale: min !== undefined && max !== undefined ? { min, max, ...scale } : undefined,
        disruption: disruption === undefined ? undefined : { maxUnavailable: disruption },
        spreadOver: values.spreadOver.trim() === '' ? undefined : values.spreadOver.trim(),
        routes: toRoutes(values.routes, number),
      }),
    },
    errors,
  };
}

/** Of a roll-out, named in the form as in the contract. */
export const UPDATE_FIELDS = [
  'order',
  'maxSurge',
  'maxUnavailable',
  'canary',
  'minReadySeconds',
  'progressDeadlineSeconds',
  'drainSeconds',
  'onFailure',
] as const;
const SCALE_FIELDS: Readonly<Record<string, string | undefined>> = {
  min: 'scaleMin',
  max: 'scaleMax',
  cpuPercent: 'scaleCpu',
  memoryPercent: 'scaleMemory',
  scaleUpWindowSeconds: 'scaleUpWindow',
  scaleDownWindowSeconds: 'scaleDownWindow',
};

/** The field behind a path of the contract ("spec.template.spec.env.FOO"); null where no field stands for it. */
export function serviceFieldOf(path: string, values: ServiceValues): string | null {
  if (path.startsWith('metadata.labels')) return 'ownLabels';
  const [, inner] = /^spec\.template\.(.+)$/.exec(path) ?? [];
  if (inner !== undefined) return fieldOf(inner, values);
  const [head, ...rest] = path.replace(/^spec\./, '').split('.');
  const [second = ''] = rest;
  switch (head) {
    case 'replicas':
    case 'spreadOver':
      return head;
    case 'update':
      return UPDATE_FIELDS.some((field) => field === second) ? second : 'order';
    case 'autoscale':
      return SCALE_FIELDS[second] ?? 'scaleMin';
    case 'disruption':
      return 'disruption';
    case 'routes':
      return routeFieldOf(rest, values.routes);
    default:
      return fieldOf(path, values);
  }
}
