/**
 * Bodies that are bytes: those that are streamed to a container as they come, and its standard input; and manifests, which are text.
 * Every other route takes JSON alone.
 */
import { BerthError } from '@berth/shared/errors/problem';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export const TAR = 'application/x-tar';
export const GZIP = 'application/gzip';
export const UPLOAD_TYPES = ['application/octet-stream', TAR];
export const RESTORE_TYPES = [...UPLOAD_TYPES, GZIP];
export const YAML = 'application/yaml';
export const MANIFEST_TYPES = [YAML, 'text/yaml', 'application/x-yaml', 'text/x-yaml', 'application/json'];
const TAKES_TEXT = /\/workspaces\/:workspace\/apply$/;
const TAKES_UPLOADS = /\/files\/content$/;
const TAKES_RESTORES = /\/volumes\/:id\/restore$/;
const TAKES_INPUT = /\/runs\/:id\/stdin$/;

export function acceptUploads(server: FastifyInstance): void {
  const refused = () => Object.assign(new Error('this route takes JSON'), { statusCode: 415 });
  server.addContentTypeParser(RESTORE_TYPES, (request, payload, done) => {
    const { url = '' } = request.routeOptions;
    const isUpload = TAKES_UPLOADS.test(url) && request.headers['content-type'] !== GZIP;
    const uploads = request.method === 'PUT' && (isUpload || TAKES_RESTORES.test(url));
    done(uploads || takesInput(request) ? null : refused(), payload);
  });
  const yaml = MANIFEST_TYPES.filter((type) => type !== 'application/json');
  server.addContentTypeParser<string>(yaml, { parseAs: 'string' }, (request, body, done) => {
    if (takesInput(request)) done(null, Buffer.from(body));
    else done(takesText(request) ? null : refused(), body);
  });
  server.addContentTypeParser('*', (request, payload, done) => done(takesInput(request) ? null : refused(), payload));
}

/** Its body is what the process reads, whatever it is called: JSON, too, is not looked into. */
export const takesInput = (request: FastifyRequest): boolean => TAKES_INPUT.test(request.routeOptions.url ?? '');

/** Its body is read as it was written: the places of what is wrong in it are told. */
export const takesText = (request: FastifyRequest): boolean => TAKES_TEXT.test(request.routeOptions.url ?? '');

/** The body of a route that takes text. */
export const textOf = ({ body }: FastifyRequest): string => (typeof body === 'string' ? body : '');

/** The body of a route that takes input. Throws BerthError `too-large`. */
export async function bytesOf({ raw, body }: FastifyRequest, most: number): Promise<Buffer> {
  if (Buffer.isBuffer(body)) return within(body, most);
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of raw.iterator({ destroyOnReturn: false })) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > most) break;
    }
    return within(Buffer.concat(pieces), most);
  } finally {
    // A refusal is heard by a client that is still sending only where what it sends is taken.
    raw.resume();
  }
}

function within(bytes: Buffer, most: number): Buffer {
  if (bytes.length > most) throw new BerthError('too-large', `At most ${most} bytes can be written at once.`);
  return bytes;
}
