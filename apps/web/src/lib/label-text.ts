/** Labels as people write them, and back. Pure. */

/** "team=web" */
export const labelText = (key: string, value: string): string => (value === '' ? key : `${key}=${value}`);

/** One a line. */
export const labelsToText = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => labelText(key, value))
    .join('\n');

/** What is not a label stays as it is, for the contract to refuse. */
export function labelsFromText(text: string): Record<string, string> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
