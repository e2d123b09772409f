/** Paths, sizes and modes of files, for people. Pure. */
import type { FileEntry } from '@berth/shared/http/files';

/** From the root down to the path itself. */
export function parentsOf(path: string): { name: string; path: string }[] {
  const parts = path.split('/').filter((part) => part !== '');
  return [{ name: '/', path: '/' }, ...parts.map((name, index) => ({ name, path: `/${parts.slice(0, index + 1).join('/')}` }))];
}

export const childOf = (folder: string, name: string): string => `${folder.replace(/\/+$/, '')}/${name}`;

/** A link may lead to a folder: only the container knows. */
export const isBrowsable = ({ type }: FileEntry): boolean => type === 'folder' || type === 'link';

const TYPE_LETTERS: Record<FileEntry['type'], string> = { folder: 'd', link: 'l', file: '-', other: '?' };

/** As `ls -l` writes it: "drwxr-xr-x". */
export function modeInWords({ type, mode }: Pick<FileEntry, 'type' | 'mode'>): string {
  return TYPE_LETTERS[type] + [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-')).join('');
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytesInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const step = Math.min(UNITS.length, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[step - 1]}`;
}
