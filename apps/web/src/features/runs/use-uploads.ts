'use client';
import { TAR_END, tarHeader, tarPadding } from '@berth/shared/protocol/tar';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { notify } from '../../ui/notice.tsx';
import { childOf } from './file-words.ts';
import { inParcels, type PickedFile } from './picked-files.ts';

interface Upload {
  name: string;
  /** Null while it is under way. */
  failure: string | null;
}

/** One after the other, each streamed by the browser from the disk. What came in is forgotten, what did not says why. */
export function useUploads(workspace: string, id: string, folder: string) {
  const cache = useQueryClient();
  const [uploads, setUploads] = useState<Upload[]>([]);

  const send = async (picked: PickedFile[]) => {
    const works = inParcels(picked).map(({ name, files, folder: isFolder }) => ({
      name,
      send: async () => {
        if (isFolder) return api.uploadFile(workspace, id, folder, tarOf(files), true);
        for (const { file } of files) await api.uploadFile(workspace, id, childOf(folder, name), file, false);
      },
    }));
    for (const { name, send: work } of works) {
      const others = (all: Upload[]) => all.filter((upload) => upload.name !== name);
      setUploads((all) => [...others(all), { name, failure: null }]);
      try {
        await work();
        setUploads(others);
        notify(`${name} was uploaded.`);
      } catch (error) {
        setUploads((all) => [...others(all), { name, failure: error instanceof Error ? error.message : String(error) }]);
      }
      await cache.invalidateQueries({ queryKey: [...queryKeys.run(workspace, id), 'files', folder] });
    }
  };
  return { uploads, send: (picked: PickedFile[]) => void send(picked) };
}

/** A blob of files is read from the disk as it is sent: nothing of it is in memory. */
function tarOf(files: readonly PickedFile[]): Blob {
  const parts = files.flatMap(({ path, file }) => [
    tarHeader({ name: path, size: file.size, mode: 0o644, mtime: Math.floor(file.lastModified / 1000) }),
    file,
    tarPadding(file.size),
  ]);
  return new Blob([...parts, TAR_END]);
}
