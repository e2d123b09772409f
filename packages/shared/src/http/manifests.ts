/** `POST …/apply`: what is asked, and what it did or would do. */
import { z } from 'zod';
import { MANIFEST_KINDS } from '../model/manifest.ts';
import { labelKeySchema, labelValueSchema } from '../model/metadata.ts';
import { inputText } from '../model/text.ts';

const yes = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

/** `key=value`, comma-separated. Labels are demanded with their values: to prune by a key alone would take more than anybody meant. */
const selectorSchema = inputText(2000).transform((text, context) => {
  const labels: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [key = '', value] = [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)];
    if (!part.includes('=') || !labelKeySchema.safeParse(key).success || !labelValueSchema.safeParse(value).success) {
      context.addIssue({ code: 'custom', message: `"${part}" is not a label: write key=value, several separated by ","` });
      return z.NEVER;
    }
    labels[key] = value;
  }
  return labels;
});

export const applyQuerySchema = z.strictObject({
  /** Only says what would be done. */
  dryRun: yes,
  /** What has these labels, was applied before and is not in the request any more is deleted. */
  prune: selectorSchema.optional(),
  /** `auto` tells a Compose file by its `services`. */
  format: z.enum(['auto', 'manifest', 'compose']).default('auto'),
  /** Seconds that it waits for what `depends_on` of a Compose file wants to see healthy or completed. */
  wait: z.coerce.number().int().min(0).max(600).default(120),
});
export type ApplyQuery = z.infer<typeof applyQuerySchema>;

/** A text with the files that it names beside it: an `env_file`, a secret's file, `.env`. */
export const manifestFilesSchema = z.strictObject({
  files: z.record(inputText(4096).min(1), z.string()),
  /** Which of them is applied; where absent the one that is called as Compose files are, or the only one. */
  file: inputText(4096).optional(),
});

export const manifestChangeSchema = z.strictObject({
  /** "spec.replicas" */
  path: z.string(),
  /** As JSON; null where it was not set, or is not set any more. What is secret is masked. */
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** Somebody else has changed it since the last apply, and this takes it back: how, in a sentence. */
  conflict: z.string().optional(),
});
export type ManifestChange = z.infer<typeof manifestChangeSchema>;

export const applyStepSchema = z.strictObject({
  kind: z.enum(MANIFEST_KINDS),
  name: z.string(),
  action: z.enum(['create', 'update', 'unchanged', 'delete']),
  changes: z.array(manifestChangeSchema),
  /** What that comes to, in a sentence. */
  plan: z.string().optional(),
  /** Of the resource; absent while there is none. */
  id: z.string().optional(),
});
export type ApplyStep = z.infer<typeof applyStepSchema>;

export const applyAnswerSchema = z.strictObject({
  dryRun: z.boolean(),
  /** In the order in which they are carried out. */
  steps: z.array(applyStepSchema),
  warnings: z.array(z.string()),
});
export type ApplyAnswer = z.infer<typeof applyAnswerSchema>;

/** Where a text is wrong. */
export interface ManifestError {
  path: string;
  message: string;
  /** Counted from 1, as are line and column. */
  document?: number;
  line?: number;
  column?: number;
}
