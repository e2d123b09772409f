/**
 * Which runs are where, as far as a pending run asks: for affinity, anti-affinity and the spread over a label. Runs that are placed by
 * the same plan count at once, so that two that keep away from each other do so in one round, too.
 */
import type { Labels } from '@berth/shared/model/metadata';
import type { CompanyRule, PlacementRules } from '@berth/shared/model/placement-rules';
import { grouped } from './grouped.ts';
import type { CandidateHost, Company, Crowd, Demand, HostLedger, PendingRun, Surroundings } from './model.ts';
import { countAt, hasLabels, placeOf } from './place.ts';

type Neighbours = Pick<Demand, 'affinity' | 'antiAffinity' | 'shunnedBy' | 'spreadOver' | 'joins'>;

const EVERYBODY: Labels = {};
const ALONE: Neighbours = { affinity: [], antiAffinity: [], shunnedBy: [], spreadOver: null, joins: [] };

const selectorKey = (selector: Labels): string => JSON.stringify(Object.entries(selector).sort(([a], [b]) => (a < b ? -1 : 1)));
const crowdKey = (selector: Labels, topology: string | null): string => `${topology ?? ''} ${selectorKey(selector)}`;
const spreadSelector = ({ spreadOver }: PlacementRules): Labels => spreadOver?.runs ?? EVERYBODY;

/** The selectors of these runs, each once: what is to be counted for them. */
export function selectorsOf(pending: readonly PendingRun[]): Labels[] {
  const selectors = new Map<string, Labels>();
  for (const { rules } of pending) {
    if (!rules) continue;
    const runs = [...(rules.affinity ?? []), ...(rules.antiAffinity ?? [])].map((rule) => rule.runs);
    if (rules.spreadOver) runs.push(spreadSelector(rules));
    for (const selector of runs) selectors.set(selectorKey(selector), selector);
  }
  return [...selectors.values()];
}

export class Neighbourhood {
  /** Runs that have the labels. */
  private readonly crowds = new Map<string, Crowd>();
  /** Runs that must not be near one that has the labels. */
  private readonly shunning = new Map<string, Crowd>();
  private readonly selectors = new Map<string, Labels>();
  private readonly keys = new Map<string, string>();
  private readonly places = new Map<string | null, Map<string | undefined, HostLedger[]>>();

  constructor(
    pending: readonly PendingRun[],
    private readonly ledgers: readonly HostLedger[],
    surroundings: Surroundings,
  ) {
    for (const { rules } of pending) if (rules) this.prepare(rules);
    for (const { selector, topology } of surroundings.shunning) this.open(this.shunning, selector, topology);
    for (const crowd of [...this.crowds.values(), ...this.shunning.values()])
      this.selectors.set(selectorKey(crowd.selector), crowd.selector);
    if (this.selectors.size > 0) this.count(surroundings);
  }

  /** Runs with equal keys have the same neighbours to look for. */
  keyOf({ labels }: PendingRun): string {
    if (this.selectors.size === 0) return '';
    const text = JSON.stringify(labels);
    const known = this.keys.get(text);
    if (known !== undefined) return known;
    const key = [...this.selectors].flatMap(([name, selector]) => (hasLabels(labels, selector) ? [name] : [])).join(' ');
    this.keys.set(text, key);
    return key;
  }

  neighboursOf({ labels, rules }: PendingRun): Neighbours {
    if (this.selectors.size === 0) return ALONE;
    const isOne = (crowd: Crowd) => hasLabels(labels, crowd.selector);
    const company = (list: readonly CompanyRule[] | undefined): Company[] =>
      (list ?? []).map(({ runs, topology = null, required = false }) => {
        const crowd = this.open(this.crowds, runs, topology);
        return { crowd, required, member: isOne(crowd) };
      });
    const shuns = (rules?.antiAffinity ?? []).filter(({ required }) => required);
    return {
      affinity: company(rules?.affinity),
      antiAffinity: company(rules?.antiAffinity),
      // In one order: the first that objects is the one that is named.
      shunnedBy: [...this.shunning]
        .filter(([, crowd]) => isOne(crowd))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, crowd]) => crowd),
      spreadOver: rules?.spreadOver ? { crowd: this.open(this.crowds, spreadSelector(rules), rules.spreadOver.label), floor: 0 } : null,
      joins: [
        ...[...this.crowds.values()].filter(isOne),
        ...shuns.map(({ runs, topology = null }) => this.open(this.shunning, runs, topology)),
      ],
    };
  }

  hostsAt(topology: string | null, place: string): readonly HostLedger[] {
    let places = this.places.get(topology);
    if (!places) {
      places = grouped(this.ledgers, ({ host }) => placeOf(topology, host));
      this.places.set(topology, places);
    }
    return places.get(place) ?? [];
  }

  private prepare(rules: PlacementRules): void {
    for (const { runs, topology = null } of rules.affinity ?? []) this.open(this.crowds, runs, topology);
    for (const { runs, topology = null, required } of rules.antiAffinity ?? []) {
      this.open(this.crowds, runs, topology);
      if (required) this.open(this.shunning, runs, topology);
    }
    if (rules.spreadOver) this.open(this.crowds, spreadSelector(rules), rules.spreadOver.label);
  }

  private open(crowds: Map<string, Crowd>, selector: Labels, topology: string | null): Crowd {
    const key = crowdKey(selector, topology);
    const known = crowds.get(key);
    if (known) return known;
    const crowd: Crowd = { selector, topology, at: new Map(), total: 0, arrivals: [] };
    crowds.set(key, crowd);
    return crowd;
  }

  /** Those that are there already. */
  private count({ present, shunning }: Surroundings): void {
    const hosts = new Map(this.ledgers.map(({ host }) => [host.id, host]));
    const here = grouped(present, ({ selector }) => selectorKey(selector));
    const everybody = this.ledgers.map(({ host }) => ({ hostId: host.id, runs: host.reserved.runs }));
    for (const crowd of this.crowds.values()) {
      const isEverybody = Object.keys(crowd.selector).length === 0;
      for (const { hostId, runs } of isEverybody ? everybody : (here.get(selectorKey(crowd.selector)) ?? [])) {
        add(crowd, hosts.get(hostId), runs);
      }
    }
    for (const { hostId, selector, topology, runs } of shunning) {
      add(this.open(this.shunning, selector, topology), hosts.get(hostId), runs);
    }
    for (const crowd of [...this.crowds.values(), ...this.shunning.values()]) crowd.arrivals.length = 0;
  }
}

function add(crowd: Crowd, host: CandidateHost | undefined, runs: number): void {
  if (!host || runs === 0) return;
  const place = placeOf(crowd.topology, host);
  if (place === undefined) return;
  crowd.total += runs;
  const before = crowd.at.get(place) ?? 0;
  crowd.at.set(place, before + runs);
  if (before === 0) crowd.arrivals.push(place);
}

/** The run is on the host from here on. */
export function join(demand: Demand, { host }: HostLedger): void {
  for (const crowd of demand.joins) add(crowd, host, 1);
}

/** The fewest at any place of these hosts; one without the label is at none. */
export function settleFloor({ spreadOver }: Demand, fitting: readonly HostLedger[]): void {
  if (!spreadOver) return;
  const { crowd } = spreadOver;
  const counts = fitting.flatMap(({ host }) => (placeOf(crowd.topology, host) === undefined ? [] : countAt(crowd, host)));
  spreadOver.floor = counts.reduce((floor, count) => Math.min(floor, count), Number.POSITIVE_INFINITY);
}
