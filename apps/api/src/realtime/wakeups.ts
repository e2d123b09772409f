/**
 * Wake-ups for readers: long waits, watches and log followers sleep on a topic and look again when it is called.
 * A wake-up carries nothing: what is so stands in Postgres (laws L1, L3). Between replicas it travels by Redis publish/subscribe;
 * one that is lost is made good by the reader's own slow tick.
 */
/** `services`: somebody asked something of a service, in whichever workspace; `routes`: where a domain leads to may have changed. */
export type Topic = 'services' | 'routes' | `events:${string}` | `run:${string}` | `end:${string}` | `log:${string}` | `host:${string}`;

/** All who wait for something of a run: also those who wait for its end alone. */
export const runTopics = (runId: string) => [`run:${runId}`, `end:${runId}`] as const;

/** The sessions of these hosts, whichever replicas hold them: what is assigned there has changed. */
export const hostTopics = (hostIds: Iterable<string>) => [...hostIds].map((id) => `host:${id}` as const);

export abstract class Wakeups {
  /** To be called after the transaction that changed something has committed. Never throws. */
  abstract notify(...topics: Topic[]): void;
  /** Returns the function that ends the subscription. */
  abstract subscribe(topic: Topic, listener: () => void): () => void;
}
