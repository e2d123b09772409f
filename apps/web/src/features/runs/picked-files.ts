/** Files that somebody picked or dropped, each with its place: a name, or that of a folder and the way through it. */
export interface PickedFile {
  path: string;
  file: File;
}

/** From a field for files or for a folder. */
export const pickedIn = (files: FileList | null): PickedFile[] =>
  [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** What was dropped, folders with all that is in them. To be called while the event is handled: the browser forgets it then. */
export async function droppedIn({ items }: DataTransfer): Promise<PickedFile[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<PickedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: PickedFile[] = [];
  for (;;) {
    // It gives a hundred at a time, and none at its end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const each of some) found.push(...(await filesOf(each)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** What is sent as one: a file by itself, and each folder as a whole. */
export function inParcels(picked: readonly PickedFile[]): { name: string; files: PickedFile[]; folder: boolean }[] {
  const parcels = new Map<string, { name: string; files: PickedFile[]; folder: boolean }>();
  for (const each of picked) {
    const [name = '', ...rest] = each.path.split('/');
    const folder = rest.length > 0;
    const key = `${folder ? '/' : ''}${name}`;
    const parcel = parcels.get(key) ?? { name, files: [], folder };
    parcel.files.push(each);
    parcels.set(key, parcel);
  }
  return [...parcels.values()];
}
