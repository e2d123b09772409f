/** What can go wrong, by name. Hosts and replicas are named by their number; `seconds`: until it is put right again. */
interface AtHost {
  host: number;
  seconds: number;
}

export interface Faults {
  /** By SIGKILL, and started again. */
  'agent-killed': AtHost;
  /** By SIGSTOP, and SIGCONT. */
  'agent-frozen': AtHost;
  /** By SIGKILL, and started again; its containers go on. */
  'engine-killed': AtHost;
  'engine-frozen': AtHost;
  'api-killed': { replica: number; seconds: number };
  'api-frozen': { replica: number; seconds: number };
  'redis-emptied': object;
  'redis-restarted': { seconds: number };
  /** `fast`: as at a shutdown; `immediate`: as in a crash, with a recovery. */
  'postgres-restarted': { how: 'fast' | 'immediate'; seconds: number };
  /** All packets of a host are lost, and nobody is told. */
  'host-cut-off': AtHost;
  /** Nothing is heard of a host for longer than until it counts as lost, and then it is back. */
  'host-lost': AtHost & { how: 'cut off' | 'agent frozen' };
  /** Every connection to the api is reset, and refused for so long. */
  'link-reset': AtHost;
  'link-slow': AtHost & { delayMs: number };
  'packets-lost': AtHost & { perMille: number };
  /** The agent's wall clock, forwards or backwards, and it stays so. */
  'clock-jumped': { host: number; byMs: number };
  /** No room is left where the engine keeps its containers, or the agent its ledger. */
  'disk-full': AtHost & { where: 'engine' | 'agent' };
}

export type FaultName = keyof Faults;
export type Fault = { [Name in FaultName]: { fault: Name } & Faults[Name] }[FaultName];

/** Two faults of one part never overlap: the second waits until the first is put right. */
export function partOf(fault: Fault): string {
  if ('host' in fault) return `host ${fault.host}`;
  if ('replica' in fault) return `replica ${fault.replica}`;
  return fault.fault.startsWith('redis') ? 'redis' : 'postgres';
}

export function describeFault({ fault, ...rest }: Fault): string {
  return [fault, ...Object.entries(rest).map(([name, value]) => `${name}=${value}`)].join(' ');
}
