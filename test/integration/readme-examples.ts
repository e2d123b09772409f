/** The fenced examples of a page, by the heading that they stand under. */
export interface Example {
  heading: string;
  language: string;
  code: string;
}

export function examplesOf(page: string): Example[] {
  const examples: Example[] = [];
  let heading = '';
  let open: { language: string; lines: string[] } | null = null;
  for (const line of page.split('\n')) {
    const fence = /^```(\w*)$/.exec(line);
    if (fence && open) {
      examples.push({ heading, language: open.language, code: open.lines.join('\n') });
      open = null;
    } else if (fence) open = { language: fence[1] ?? '', lines: [] };
    else if (open) open.lines.push(line);
    else if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
  }
  return examples;
}
