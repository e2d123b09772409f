/** The Redis client: for the queues, and for publish/subscribe between replicas. */
export const REDIS = Symbol('redis');
