/** The standard input of a run's main process. */
import { z } from 'zod';

export const inputQuerySchema = z.strictObject({
  /** It ends after these bytes; in a terminal, Ctrl-D is pressed after them. */
  end: z.enum(['true', 'false']).optional(),
});
export type InputQuery = z.infer<typeof inputQuerySchema>;

export const inputWrittenSchema = z.strictObject({
  /** All of the body. */
  bytes: z.int(),
  ended: z.boolean(),
});
export type InputWritten = z.infer<typeof inputWrittenSchema>;
