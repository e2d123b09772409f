/** Refuses hosts whose labels are not what the run asks for. */
import type { Constraint } from '@berth/shared/model/placement-rules';
import type { CandidateHost, Filter } from '../model.ts';
import { refusal } from './refusal.ts';

function holds(constraint: Constraint, { labels }: CandidateHost): boolean {
  const value = Object.hasOwn(labels, constraint.label) ? labels[constraint.label] : undefined;
  switch (constraint.operator) {
    case 'in':
      return value !== undefined && constraint.values.includes(value);
    case 'not-in':
      return value === undefined || !constraint.values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'not-exists':
      return value === undefined;
  }
}

const either = (values: readonly string[]): string =>
  values.length < 3 ? values.join(' or ') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;

/** "zone is eu-1, not us-1 or us-2" of one host; several hosts may have several values, so their sentence names none. */
function objection(constraint: Constraint, { labels }: CandidateHost): { singular: string; plural: string } {
  const { label } = constraint;
  switch (constraint.operator) {
    case 'in': {
      if (!Object.hasOwn(labels, label)) return { singular: `has no label ${label}`, plural: `have no label ${label}` };
      const wanted = either(constraint.values);
      return { singular: `has ${label} ${labels[label]}, not ${wanted}`, plural: `have another ${label} than ${wanted}` };
    }
    case 'not-in': {
      const text = `${label} ${labels[label]}, which the run excludes`;
      return { singular: `has ${text}`, plural: `have ${text}` };
    }
    case 'exists':
      return { singular: `has no label ${label}`, plural: `have no label ${label}` };
    case 'not-exists':
      return { singular: `has the label ${label}, which the run excludes`, plural: `have the label ${label}, which the run excludes` };
  }
}

export const constraintsFilter: Filter = {
  concerns: ({ constraints }) => constraints.length > 0,
  fits: ({ constraints }, { host }) => constraints.every((constraint) => holds(constraint, host)),
  refuse: ({ constraints }, { host }) => {
    const objections = constraints.filter((constraint) => !holds(constraint, host)).map((constraint) => objection(constraint, host));
    return refusal(
      host.name,
      objections.map(({ singular }) => singular).join(' and '),
      objections.map(({ plural }) => plural).join(' and '),
    );
  },
};
