import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRunSchema } from './run.ts';
import { inputText, reportedText, storableText } from './text.ts';

describe('text that Postgres can keep', () => {
  it('mends what an engine says, and leaves whole text as it is', () => {
    expect(reportedText.parse('a\0b\uD800c\u{1F433}')).toBe('a\uFFFDb\uFFFDc\u{1F433}');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(storableText(text)).toBe(text.replaceAll('\0', '\uFFFD'));
      }),
    );
  });

  it('refuses from a user what could not be kept, wherever it stands', () => {
    for (const text of ['a\0', '\uDC00', '\uD83D']) {
      expect(inputText(10).safeParse(text).success).toBe(false);
      const spec = { image: 'a', args: [text], command: [text], env: { A: text, [`B${text}`]: '' }, workingDir: `/${text}`, user: text };
      const error = createRunSchema.safeParse({ metadata: { labels: { l: text } }, spec }).error;
      expect(new Set(error?.issues.map((issue) => issue.path.slice(0, 2).join('.')))).toEqual(
        new Set(['metadata.labels', 'spec.args', 'spec.command', 'spec.env', 'spec.workingDir', 'spec.user']),
      );
    }
  });
});
