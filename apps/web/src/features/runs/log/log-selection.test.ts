import { expect, it } from 'vitest';
import { between, chunksOf, endOf, outlineOf, read } from './a-log.test-data.ts';
import { LogBuffer } from './log-buffer.ts';
import { partsOf } from './log-part.ts';
import { readText, selectedText } from './log-selection.ts';
import { RowHeights } from './row-heights.ts';
import { WholeLog } from './whole-log.ts';

it('copies what lies between both ends as it is seen, the same from what is held and from what is read for it', () => {
  const written = Array.from({ length: 3000 }, (_, n) => ({
    stream: 'stdout' as const,
    text: `\x1b[31mline ${n}\x1b[0m ${'x'.repeat(60)}\r\n`,
  }));
  const chunks = chunksOf(written);
  const log = new WholeLog(new LogBuffer(endOf(chunks)), partsOf(outlineOf(chunks, 64 * 1024)), new RowHeights());
  const selected = { first: chunks[10]?.position ?? 0, last: chunks[2500]?.position ?? 0, head: 'ne 10', tail: 'line' };
  expect(selectedText(selected, log)).toBeNull();
  for (const part of log.parts) read(log, part, chunks);
  const text = selectedText(selected, log) ?? '';
  expect(text.split('\n')).toEqual(['ne 10', ...Array.from({ length: 2489 }, (_, n) => `line ${n + 11} ${'x'.repeat(60)}`), 'line']);
  expect(readText(selected, between(chunks, selected.first, selected.last))).toBe(text);
});
