/** Terminals in the container of a run: opened and listed by REST, used over the console's socket. */
import { z } from 'zod';
import { inputText } from '../model/text.ts';
import { terminalSide } from '../protocol/call.ts';

export const openTerminalSchema = z.strictObject({
  /** The program and its arguments; a shell of the image where absent. */
  command: z.array(inputText(32_768)).min(1).max(1000).optional(),
  columns: terminalSide.optional(),
  rows: terminalSide.optional(),
});
export type OpenTerminal = z.infer<typeof openTerminalSchema>;

export const terminalSchema = z.strictObject({
  id: z.string(),
  command: z.array(z.string()),
  openedAt: z.iso.datetime(),
  /** Its program has ended; what it wrote last can still be read for a while. */
  ended: z.boolean(),
});
export type Terminal = z.infer<typeof terminalSchema>;
export const terminalsSchema = z.strictObject({ items: z.array(terminalSchema) });
export type Terminals = z.infer<typeof terminalsSchema>;
