/** What a container used, as one sample. Rates are means over the time since the sample before. */
import { z } from 'zod';

const amount = z.number().min(0);
export const sampleSchema = z.strictObject({
  at: z.iso.datetime(),
  /** Thousandths of a core. */
  cpuMillis: amount,
  /** Working set: what is used without file pages that the kernel can let go of. */
  memoryBytes: amount,
  /** Bytes a second, the loopback left out. */
  receivedBytes: amount,
  sentBytes: amount,
  /** Bytes a second of block devices. */
  readBytes: amount,
  writtenBytes: amount,
  pids: amount,
});
export type Sample = z.infer<typeof sampleSchema>;

/** Seconds between the samples that are stored; and between those that somebody watches. */
export const SAMPLE_SECONDS = { stored: 10, live: 1 } as const;
