/** What is asked of a run's container itself: a command in it, its processes, its files that changed, the engine's view of it. */
import { z } from 'zod';
import { inputText } from '../model/text.ts';
import { callValues, EXEC_INPUT_BYTES, EXEC_SECONDS } from '../protocol/call.ts';
import { containerSettingSchema } from './container-settings.ts';

const encoding = z.enum(['text', 'base64']);

export const execSchema = z
  .strictObject({
    /** The program and its arguments; no shell is between. */
    command: z.array(inputText(32_768)).min(1).max(1000),
    /** On top of the container's own. */
    env: z.record(inputText(32_768).regex(/^[^=]+$/, 'a variable name has no "=" in it and is not empty'), inputText(32_768)).optional(),
    workingDir: inputText(4096).regex(/^\//, 'must be an absolute path').optional(),
    user: inputText(256).min(1).optional(),
    /** Written to its standard input, which then ends. */
    stdin: z
      .string()
      .max(2 * EXEC_INPUT_BYTES)
      .optional(),
    /** How `stdin` is written here, and the output is to be; bytes that are not UTF-8 need base64. */
    encoding: encoding.optional(),
    /** 1 to 600; 60 where absent. It is ended then, where the agent can reach its process. */
    timeoutSeconds: z.int().min(1).max(EXEC_SECONDS.most).optional(),
  })
  .superRefine(({ stdin = '', encoding: of = 'text' }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['stdin'], message });
    if (of === 'base64' && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(stdin)) refuse('is not base64');
    const bytes = of === 'base64' ? (stdin.length * 3) / 4 : new TextEncoder().encode(stdin).length;
    if (bytes > EXEC_INPUT_BYTES + 2) refuse(`must be at most ${EXEC_INPUT_BYTES} bytes`);
  });
export type Exec = z.infer<typeof execSchema>;

const outputSchema = z.strictObject({
  data: z.string(),
  /** All that was written; `data` holds the first MiB of it. */
  bytes: z.int(),
  truncated: z.boolean(),
});

export const execResultSchema = z.strictObject({
  /** 126: it cannot be executed; 127: it is not there. Null: its time was up. */
  exitCode: z.int().nullable(),
  timedOut: z.boolean(),
  /** Its time was up, and it goes on: the agent does not see the host's processes, so that it could end it. */
  stillRunning: z.boolean(),
  encoding,
  stdout: outputSchema,
  stderr: outputSchema,
});
export type ExecResult = z.infer<typeof execResultSchema>;

export const processesSchema = callValues.processes.strict();
export type Processes = z.infer<typeof processesSchema>;
export const changesSchema = callValues.changes.strict();
export type Changes = z.infer<typeof changesSchema>;
export const engineViewSchema = z.strictObject({
  /** What was asked beside what the engine has. */
  settings: z.array(containerSettingSchema),
  /** The engine's own JSON; what it is depends on the engine's version. */
  engine: callValues.inspect.shape.engine,
});
export type EngineView = z.infer<typeof engineViewSchema>;
