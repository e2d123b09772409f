/**
 * Every error that a client can see has a code from this list, mapped to HTTP in this one table (law L11, RFC 9457).
 */
import { z } from 'zod';

export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Sign in or send a token' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'wait-timed-out': { status: 408, title: 'The state was not reached in time' },
  conflict: { status: 409, title: 'Not possible in the present state' },
  'host-port-taken': { status: 409, title: 'The host port is taken' },
  'refused-by-hosts': { status: 409, title: 'No host allows it' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'cursor-expired': { status: 410, title: 'The cursor is too old: list again' },
  'precondition-failed': { status: 412, title: 'The resource has changed meanwhile' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'Send JSON' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'agent-too-old': { status: 426, title: 'The agent speaks a protocol that is no longer supported' },
  internal: { status: 500, title: 'An error of Berth itself' },
  unavailable: { status: 503, title: 'Cannot do this now; try again' },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
  /** For bad input: the place (`spec.ports.0.hostPort`) and the mend. */
  errors: z
    .array(
      z.object({
        path: z.string(),
        message: z.string(),
        /** Of a manifest: its document and the place in the text, all counted from 1. */
        document: z.int().optional(),
        line: z.int().optional(),
        column: z.int().optional(),
      }),
    )
    .optional(),
  /** Of an apply that failed on the way: what was done, what failed, and what was not begun. */
  steps: z
    .array(
      z.object({
        kind: z.string(),
        name: z.string(),
        action: z.string(),
        outcome: z.enum(['done', 'failed', 'not-done']),
      }),
    )
    .optional(),
  /** For host-port-taken. */
  holder: z.object({ runId: z.string(), runName: z.string(), hostName: z.string() }).optional(),
  freeHostPort: z.int().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** The error that commands throw; the problem filter turns it into a response. */
export class BerthError extends Error {
  override readonly name = 'BerthError';
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly extra: Pick<Problem, 'errors' | 'steps' | 'holder' | 'freeHostPort'> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }
}

export function toProblem(error: BerthError): Problem {
  const { status, title } = PROBLEMS[error.code];
  return { type: `urn:berth:problem:${error.code}`, title, status, detail: error.detail, code: error.code, ...error.extra };
}
