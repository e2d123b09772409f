import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TAR_END, type TarEntry, TarScanner, tarHeader, tarPadding } from './tar.ts';

function scanned(bytes: Uint8Array, cuts: readonly number[]) {
  const files: { entry: TarEntry; data: number[] }[] = [];
  const scanner = new TarScanner({
    entry: (entry) => void files.push({ entry, data: [] }),
    data: (part) => files.at(-1)?.data.push(...part),
  });
  let at = 0;
  for (const cut of cuts) {
    scanner.push(bytes.subarray(at, at + cut));
    at += cut;
  }
  scanner.push(bytes.subarray(at));
  return { files, ended: scanner.ended };
}

test('what is written is read again, in whatever pieces it comes', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).filter((text) => !text.includes('\0') && text.isWellFormed());
  const file = fc.record({ name, data: fc.uint8Array({ maxLength: 1500 }), mode: fc.integer({ min: 0, max: 0o777 }) });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 20 }), (files, cuts) => {
      const parts = files.flatMap(({ name, data, mode }) => [
        tarHeader({ name, size: data.length, mode, mtime: 1_700_000_000 }),
        data,
        tarPadding(data.length),
      ]);
      const read = scanned(Buffer.concat([...parts, TAR_END]), cuts);
      expect(read.ended).toBe(true);
      expect(read.files).toEqual(
        files.map(({ name, data, mode }) => ({
          entry: { name, type: 'file', size: data.length, mode, mtime: 1_700_000_000, linkTarget: null },
          data: [...data],
        })),
      );
    }),
  );
});

test('what is no tar is refused', () => {
  const scanner = new TarScanner({ entry: () => undefined });
  expect(() => scanner.push(new Uint8Array(512).fill(65))).toThrow('no tar');
});
