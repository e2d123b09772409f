/** An `env_file`: NAME=value, a line each; quotes, comments and `export` as Compose has them. */
export type EnvFile = { ok: true; variables: Map<string, string> } | { ok: false; line: number; message: string };

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

export function readEnvFile(text: string): EnvFile {
  const variables = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const [, name, rest] = LINE.exec(line) ?? [];
    if (name === undefined || rest === undefined) return { ok: false, line: index + 1, message: 'is not NAME=value' };
    const value = unquoted(rest);
    if (value === null) return { ok: false, line: index + 1, message: 'has a quote that is not closed; a value is on one line' };
    variables.set(name, value);
  }
  return { ok: true, variables };
}

function unquoted(rest: string): string | null {
  const single = /^'([^']*)'\s*(?:#.*)?$/.exec(rest);
  if (single) return single[1] ?? '';
  const double = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(rest);
  if (double) return (double[1] ?? '').replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
  if (/^['"]/.test(rest)) return null;
  return rest.replace(/(?:^|\s+)#.*$/, '').trim();
}
