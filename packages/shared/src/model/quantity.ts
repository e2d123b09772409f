/** Quantities as schemas, beside how they are read and written. */
import { z } from 'zod';
import { parseCpu, parseMemory } from './quantity-text.ts';

export * from './quantity-text.ts';

export const cpuSchema = z
  .union([z.string(), z.number()])
  .refine((value) => parseCpu(value) !== null, 'must be cores ("0.5", 2) or thousandths of a core ("500m"), at least 1m');

/** Docker Engine refuses less than 6 MiB (moby daemon, linuxMinMemory). */
export const MIN_MEMORY_BYTES = 6 * 2 ** 20;

export const memorySchema = z.union([z.string(), z.number()]).refine((value) => {
  const bytes = parseMemory(value);
  return bytes !== null && bytes >= MIN_MEMORY_BYTES;
}, 'must be bytes, or a number with Ki, Mi, Gi, k, M or G ("64Mi"), at least 6Mi');

export const sizeSchema = z
  .union([z.string(), z.number()])
  .refine((value) => parseMemory(value) !== null, 'must be bytes, or a number with Ki, Mi, Gi, k, M or G ("64Mi")');
