import { expect, test } from 'vitest';
import { inParcels } from './picked-files.ts';

const picked = (path: string) => ({ path, file: new File([path], path.split('/').at(-1) ?? '') });

test('files are sent by themselves and each folder as a whole, also one that is called like a file', () => {
  const parcels = inParcels(['one', 'folder/a', 'two', 'folder/inner/b', 'other/a', 'one/a'].map(picked));
  expect(parcels.map(({ name, folder, files }) => [name, folder, files.map(({ path }) => path)])).toEqual([
    ['one', false, ['one']],
    ['folder', true, ['folder/a', 'folder/inner/b']],
    ['two', false, ['two']],
    ['other', true, ['other/a']],
    ['one', true, ['one/a']],
  ]);
});
