/** The phases as a schema, beside their one table. */
import { z } from 'zod';
import { PHASES } from './phase-table.ts';

export * from './phase-table.ts';
export const phaseSchema = z.enum(PHASES);
