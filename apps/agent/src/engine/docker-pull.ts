/** One pull by the engine, with its progress. */
import type { Failure, Outcome } from '@berth/shared/errors/outcome';
import { familiarImageName, formatImageReference, parseImageReference } from '@berth/shared/model/image-reference';
import type { Pull } from '@berth/shared/model/pull';
import type Docker from 'dockerode';
import type { Credentials } from './container-engine.ts';
import { dialStream, jsonLines } from './dial.ts';
import { awayFailure, pullFailure } from './docker-failure.ts';
import { PullProgress, pullLineSchema } from './pull-progress.ts';

export interface PullRequest {
  reference: string;
  credentials: Credentials | null;
  progress: (pull: Pull) => void;
  signal: AbortSignal;
}

export async function pullImage(docker: Docker, request: PullRequest): Promise<Outcome<Pull>> {
  const parsed = parseImageReference(request.reference);
  if (!parsed.ok) return { ok: false, failure: { kind: 'cannot-ever', reason: 'invalid-spec', message: parsed.message } };
  const { image } = parsed;
  const progress = new PullProgress(familiarImageName(image), new Date());
  const fail = (failure: Failure): Outcome<Pull> => {
    progress.finish(new Date(), failure.message);
    request.progress(progress.snapshot());
    return { ok: false, failure };
  };
  try {
    const answer = await dialStream(docker, {
      method: 'POST',
      path: '/images/create',
      query: {
        fromImage: formatImageReference({ ...image, tag: undefined, digest: undefined }),
        tag: image.digest ?? image.tag ?? 'latest',
      },
      statusCodes: { 200: true, 404: 'not found', 500: 'server error' },
      signal: request.signal,
      ...(request.credentials ? { authconfig: toAuth(request.credentials) } : {}),
    });
    for await (const line of jsonLines(answer)) {
      const read = pullLineSchema.safeParse(line);
      if (!read.success) continue;
      const error = read.data.errorDetail?.message ?? read.data.error;
      if (error !== undefined) return fail(pullFailure(new Error(error)));
      if (progress.apply(read.data)) request.progress(progress.snapshot());
    }
  } catch (error) {
    const away = awayFailure(error);
    return away ? { ok: false, failure: away } : fail(pullFailure(error));
  }
  if (request.signal.aborted) return { ok: false, failure: { kind: 'cannot-now', reason: 'cancelled', message: 'the pull was cancelled' } };
  progress.finish(new Date(), null);
  return { ok: true, value: progress.snapshot() };
}

const toAuth = (credentials: Credentials) => ({
  username: credentials.username,
  password: credentials.password,
  serveraddress: credentials.server,
});
