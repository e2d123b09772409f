/** Images from nothing: files to layers, layers to a config and a manifest (Docker image manifest, version 2, schema 2). */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';

export type ImageArchitecture = 'amd64' | 'arm64';

/** A file, a symbolic link, or (with neither data nor link) a folder. */
export interface LayerEntry {
  path: string;
  mode?: number;
  data?: Buffer;
  link?: string;
}

/** As in the image specification; only what is used here. */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  WorkingDir?: string;
  User?: string;
  StopSignal?: string;
  Labels?: Record<string, string>;
  ExposedPorts?: Record<string, object>;
}

export interface ImageContents {
  architecture: ImageArchitecture;
  layers: LayerEntry[][];
  config: ImageConfig;
}

export interface Blob {
  mediaType: string;
  digest: string;
  data: Buffer;
}

export interface BuiltImage {
  manifest: Blob;
  config: Blob;
  layers: Blob[];
}

/** Of this machine. */
export function machineArchitecture(): ImageArchitecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new Error(`Berth builds its images for x86-64 and arm64, not for ${process.arch}.`);
}

const digestOf = (data: Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const blob = (mediaType: string, data: Buffer): Blob => ({ mediaType, digest: digestOf(data), data });

/** The same contents give the same bytes: times are fixed. */
const EPOCH = new Date('2026-01-01T00:00:00Z');

async function packLayer(entries: LayerEntry[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const entry of entries) {
    const common = { name: entry.path, mtime: EPOCH, uid: 0, gid: 0 };
    if (entry.data) pack.entry({ ...common, mode: entry.mode ?? 0o644 }, entry.data);
    else if (entry.link) pack.entry({ ...common, type: 'symlink', linkname: entry.link, mode: 0o777 });
    else pack.entry({ ...common, type: 'directory', mode: entry.mode ?? 0o755 });
  }
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `id` makes an image of the same contents another image: every tag has an image id of its own, so that a prune takes no alias. */
export async function buildImage(contents: ImageContents, id = ''): Promise<BuiltImage> {
  const tars = await Promise.all(contents.layers.map(packLayer));
  const layers = tars.map((data) => blob('application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync(data, { level: 1 })));
  const config = blob(
    'application/vnd.docker.container.image.v1+json',
    Buffer.from(
      JSON.stringify({
        architecture: contents.architecture,
        os: 'linux',
        created: EPOCH.toISOString(),
        config: contents.config,
        rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
        history: contents.layers.map(() => ({ created: EPOCH.toISOString(), created_by: 'berth', comment: id })),
      }),
    ),
  );
  const describe = ({ mediaType, digest, data }: Blob) => ({ mediaType, digest, size: data.length });
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = { schemaVersion: 2, mediaType, config: describe(config), layers: layers.map(describe) };
  return { manifest: blob(mediaType, Buffer.from(JSON.stringify(manifest))), config, layers };
}
