/** The schema of a packed block; apart from its reader, so that the console's first load carries no validator. */
import { z } from 'zod';
import type { Block } from './packed.ts';

export const blockSchema: z.ZodType<Block> = z.union([z.instanceof(Uint8Array), z.instanceof(ArrayBuffer)]);
