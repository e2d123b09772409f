/** Where a run may go and when it has its turn, as the form has it and as the request has it. Pure. */
import type { RunSpec } from '@berth/shared/model/run';
import { labelsFromText, labelsToText } from '../../lib/label-text.ts';

type Rules = NonNullable<RunSpec['placement']>;
type Constraint = NonNullable<Rules['constraints']>[number];
type Company = NonNullable<Rules['affinity']>[number];

export interface ConstraintRow {
  label: string;
  operator: Constraint['operator'];
  /** Separated by commas. */
  values: string;
}
export interface CompanyRow {
  side: 'affinity' | 'antiAffinity';
  /** "app=web, tier=front" */
  runs: string;
  topology: string;
  required: boolean;
}
export interface PlacementValues {
  constraints: ConstraintRow[];
  company: CompanyRow[];
  strategy: '' | NonNullable<Rules['strategy']>;
  spreadLabel: string;
  spreadRuns: string;
  priority: string;
  concurrencyKey: string;
  concurrencyLimit: string;
}

export const NO_PLACEMENT: PlacementValues = {
  constraints: [],
  company: [],
  strategy: '',
  spreadLabel: '',
  spreadRuns: '',
  priority: '',
  concurrencyKey: '',
  concurrencyLimit: '',
};

const words = (text: string): string[] => text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));

const labelsOf = (text: string): Record<string, string> => labelsFromText(text.replaceAll(',', '\n'));
const textOf = (labels: Record<string, string> = {}): string => labelsToText(labels).replaceAll('\n', ', ');

const isSetConstraint = ({ label, values }: ConstraintRow) => label !== '' || values !== '';
const isSetCompany = ({ runs, topology }: CompanyRow) => runs !== '' || topology !== '';

function constraintOf({ label, operator, values }: ConstraintRow): Constraint {
  return operator === 'in' || operator === 'not-in'
    ? { label: label.trim(), operator, values: words(values) }
    : { label: label.trim(), operator };
}

function companyOf({ runs, topology, required }: CompanyRow): Company {
  return { runs: labelsOf(runs), ...(topology.trim() !== '' && { topology: topology.trim() }), ...(required && { required }) };
}

/** `number`: of the form, which leaves what is none for the contract to refuse. */
export function toPlacement(values: PlacementValues, number: (text: string) => number) {
  const constraints = values.constraints.filter(isSetConstraint).map(constraintOf);
  const company = (side: CompanyRow['side']) => values.company.filter((row) => row.side === side && isSetCompany(row)).map(companyOf);
  const [affinity, antiAffinity] = [company('affinity'), company('antiAffinity')];
  const spreadsOver = values.spreadLabel.trim() !== '' || values.spreadRuns.trim() !== '';
  const placement: Rules = {
    ...(constraints.length > 0 && { constraints }),
    ...(values.strategy !== '' && { strategy: values.strategy }),
    ...(spreadsOver && {
      spreadOver: { label: values.spreadLabel.trim(), ...(values.spreadRuns.trim() !== '' && { runs: labelsOf(values.spreadRuns) }) },
    }),
    ...(affinity.length > 0 && { affinity }),
    ...(antiAffinity.length > 0 && { antiAffinity }),
  };
  const hasTurns = values.concurrencyKey.trim() !== '' || values.concurrencyLimit.trim() !== '';
  return {
    placement: Object.keys(placement).length > 0 ? placement : undefined,
    priority: values.priority.trim() === '' ? undefined : number(values.priority),
    concurrency: hasTurns ? { key: values.concurrencyKey.trim(), limit: number(values.concurrencyLimit) } : undefined,
  };
}

export function fromPlacement({ placement, priority, concurrency }: RunSpec): PlacementValues {
  const company = (side: CompanyRow['side']): CompanyRow[] =>
    (placement?.[side] ?? []).map(({ runs, topology, required }) => ({
      side,
      runs: textOf(runs),
      topology: topology ?? '',
      required: required ?? false,
    }));
  return {
    constraints: (placement?.constraints ?? []).map((one) => ({
      label: one.label,
      operator: one.operator,
      values: 'values' in one ? one.values.join(', ') : '',
    })),
    company: [...company('affinity'), ...company('antiAffinity')],
    strategy: placement?.strategy ?? '',
    spreadLabel: placement?.spreadOver?.label ?? '',
    spreadRuns: textOf(placement?.spreadOver?.runs),
    priority: priority === undefined ? '' : String(priority),
    concurrencyKey: concurrency?.key ?? '',
    concurrencyLimit: concurrency === undefined ? '' : String(concurrency.limit),
  };
}

/** The field behind the rest of a path after "placement" or "concurrency"; null where no field stands for it. */
export function placementFieldOf([head, at, part]: readonly string[], values: PlacementValues): string | null {
  const row = (rows: readonly number[]): number | undefined => rows[Number(at)];
  switch (head) {
    case 'constraints': {
      const index = row(values.constraints.flatMap((entry, n) => (isSetConstraint(entry) ? [n] : [])));
      return index === undefined ? null : `constraints.${index}.${part === 'values' ? 'values' : 'label'}`;
    }
    case 'affinity':
    case 'antiAffinity': {
      const index = row(values.company.flatMap((entry, n) => (entry.side === head && isSetCompany(entry) ? [n] : [])));
      return index === undefined ? null : `company.${index}.${part === 'topology' ? 'topology' : 'runs'}`;
    }
    case 'spreadOver':
      return at === 'runs' ? 'spreadRuns' : 'spreadLabel';
    case 'strategy':
      return 'strategy';
    case 'key':
      return 'concurrencyKey';
    case 'limit':
      return 'concurrencyLimit';
    default:
      return null;
  }
}
