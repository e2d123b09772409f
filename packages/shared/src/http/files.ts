/** The files of a container: what is in a folder, and where files are read from and written to. */
import { z } from 'zod';
import { inputText } from '../model/text.ts';
import { callValues } from '../protocol/call.ts';

/** Of one upload. Downloads have no limit: nothing holds more than a piece of them. */
export const UPLOAD_BYTES = 1024 ** 3;

export const containerPathSchema = inputText(4096)
  .regex(/^\//, 'must be an absolute path in the container')
  .refine((path) => !path.split('/').includes('..'), 'must not have ".." in it: write the path as it is');

export const filesQuerySchema = z.strictObject({ path: containerPathSchema });
export type FilesQuery = z.infer<typeof filesQuerySchema>;

export const filesSchema = z.strictObject({ path: z.string(), ...callValues['files.list'].shape });
export type Files = z.infer<typeof filesSchema>;
export type FileEntry = Files['entries'][number];

export const uploadedSchema = z.strictObject({
  path: z.string(),
  /** Of the body. */
  bytes: z.int(),
});
export type Uploaded = z.infer<typeof uploadedSchema>;
