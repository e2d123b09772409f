/** What is asked of volumes beside reading and changing them: their backups. */
import { z } from 'zod';

/** Of one restore, unpacked. */
export const RESTORE_BYTES = 64 * 1024 ** 3;

export const backupQuerySchema = z.strictObject({
  /** Compressed where absent. */
  format: z.enum(['tar.gz', 'tar']).default('tar.gz'),
});
export type BackupQuery = z.infer<typeof backupQuerySchema>;

export const restoreQuerySchema = z.strictObject({
  /** Also while a container that has it mounted runs. */
  force: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

export const restoredSchema = z.strictObject({
  /** Of the body. */
  bytes: z.int(),
  /** Files, folders and links that were written. What was in the volume beside them is still there. */
  entries: z.int(),
});
export type Restored = z.infer<typeof restoredSchema>;
