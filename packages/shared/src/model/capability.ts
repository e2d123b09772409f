import { z } from 'zod';

/** As Docker takes them: without "CAP_", in capitals; "ALL" for every one. */
export const capabilitySchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{1,40}$/, 'must be a capability of Linux, such as NET_ADMIN')
  .overwrite((name) => name.toUpperCase().replace(/^CAP_/, ''));
