/** Bodies that are streamed to a container as they come; every other route takes JSON alone. */
import type { FastifyInstance } from 'fastify';

export const TAR = 'application/x-tar';
export const UPLOAD_TYPES = ['application/octet-stream', TAR];
const TAKES_UPLOADS = /\/files\/content$/;

export function acceptUploads(server: FastifyInstance): void {
  server.addContentTypeParser(UPLOAD_TYPES, (request, payload, done) => {
    if (request.method === 'PUT' && TAKES_UPLOADS.test(request.routeOptions.url ?? '')) return done(null, payload);
    done(Object.assign(new Error('this route takes JSON'), { statusCode: 415 }));
  });
}
