/**
 * The engine's and the registry's words, turned into a Failure here at the edge (law L11). The texts are moby's
 * (distribution/errors.go, daemon/errors.go, daemon/start.go) and runc's.
 */
import type { Failure } from '@berth/shared/errors/outcome';
import type { Reason } from '@berth/shared/model/reason';

/** docker-modem's errors and Node's, as far as they are of use. */
export interface EngineAnswer {
  statusCode: number | null;
  /** The engine's own sentence, without docker-modem's "(HTTP code …)". */
  words: string;
  /** Node's code where there was no answer at all: ECONNREFUSED, ENOENT, ECONNRESET … */
  systemCode: string | null;
}

export function readAnswer(error: unknown): EngineAnswer {
  if (!(error instanceof Error)) return { statusCode: null, words: String(error), systemCode: null };
  const fields = error as Error & { statusCode?: unknown; code?: unknown; json?: unknown };
  const statusCode = typeof fields.statusCode === 'number' ? fields.statusCode : null;
  const body = fields.json;
  const said = body !== null && typeof body === 'object' && 'message' in body && typeof body.message === 'string' ? body.message : null;
  const words = (said ?? error.message.replace(/^\(HTTP code \d+\) .*? - /, '')).trim();
  return { statusCode, words, systemCode: typeof fields.code === 'string' ? fields.code : null };
}

const ever = (reason: Reason, message: string, cause: unknown, exitCode?: number): Failure => ({
  kind: 'cannot-ever',
  reason,
  message,
  cause,
  ...(exitCode === undefined ? {} : { exitCode }),
});

/** Nobody was there to hear the question. */
const UNHEARD: ReadonlySet<string | null> = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'EACCES',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** No answer at all: the engine is away, and what was asked may be asked again. Null where it did answer. */
export function awayFailure(error: unknown): Failure | null {
  const { statusCode, systemCode, words } = readAnswer(error);
  if (statusCode !== null) return null;
  return {
    kind: 'cannot-now',
    reason: 'waiting-for-engine',
    message: `the container engine does not answer: ${words || systemCode}`,
    cause: error,
    ...(UNHEARD.has(systemCode) ? {} : { unanswered: true }),
  };
}

/** A full disk may have room again: what found none is tried again. Null where it was something else. */
function roomFailure(error: unknown): Failure | null {
  const { words } = readAnswer(error);
  if (!/no space left on device|disk quota exceeded/i.test(words)) return null;
  return { kind: 'cannot-now', reason: 'disk-full', message: `the disk of the host is full: ${words}`, cause: error };
}

type Rule = readonly [pattern: RegExp, reason: Reason, exitCode?: number];

function byRules(rules: readonly Rule[], fallback: Reason, error: unknown): Failure {
  const { words } = readAnswer(error);
  const rule = rules.find(([pattern]) => pattern.test(words));
  return rule ? ever(rule[1], words, error, rule[2]) : ever(fallback, words, error);
}

const PULL_RULES: readonly Rule[] = [
  [
    /unauthorized|authentication required|no basic auth credentials|access .*denied|denied:|forbidden|incorrect username or password/i,
    'image-unauthorized',
  ],
  [/manifest unknown|not found|name unknown|repository name not known|no matching manifest|does not exist/i, 'image-not-found'],
  [
    /dial tcp|lookup .* (no such host|server misbehaving|i\/o timeout)|no such host|connection (refused|reset)|i\/o timeout|TLS handshake|x509|Client\.Timeout|context deadline|server gave HTTP response|unexpected EOF|: EOF|network is unreachable|no route to host|(received unexpected HTTP status|status code): 5\d\d|bad gateway/i,
    'registry-unreachable',
  ],
];

/** A pull that failed, by an answer or by an error line within its progress. */
export function pullFailure(error: unknown): Failure {
  return roomFailure(error) ?? byRules(PULL_RULES, 'image-pull-failed', error);
}

const CREATE_RULES: readonly Rule[] = [
  [/^no such image/i, 'image-not-present'],
  [/port is already allocated|address already in use/i, 'host-port-taken'],
];

export function createFailure(error: unknown): Failure {
  const { statusCode } = readAnswer(error);
  const fallback = statusCode !== null && statusCode < 500 ? 'invalid-spec' : 'engine-error';
  return awayFailure(error) ?? roomFailure(error) ?? byRules(CREATE_RULES, fallback, error);
}

const START_RULES: readonly Rule[] = [
  [/port is already allocated|address already in use|failed to listen|ports are not available/i, 'host-port-taken'],
  [/OOM-killed|out of memory/i, 'out-of-memory', 137],
  [/(chdir to cwd|mkdir|working directory).*(not a directory|no such file|permission denied)/i, 'invalid-spec', 126],
  [/unable to find (user|group)|no matching entries in (passwd|group) file/i, 'invalid-spec', 126],
  [
    /executable file not found|exec: .*: (stat .*: )?no such file or directory|no such file or directory: unknown/i,
    'command-not-found',
    127,
  ],
  [/permission denied|is a directory|exec format error|not a directory|fork\/exec/i, 'command-not-executable', 126],
];

/** A start that failed, with the exit code that `docker run` gives (125 to 127). */
export function startFailure(error: unknown): Failure {
  return awayFailure(error) ?? roomFailure(error) ?? byRules(START_RULES, 'engine-error', error);
}

/** Anything else that the engine refused. */
export function otherFailure(error: unknown): Failure {
  return awayFailure(error) ?? ever('engine-error', readAnswer(error).words, error);
}
