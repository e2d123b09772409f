/** The same as a line for a terminal, through the REST API. */
import type { CreateRun } from '@berth/shared/model/run';
import { apiPaths } from '../../lib/paths.ts';

/** `origin`: the address of this Berth. The token is left to the shell. */
export function curlLine(origin: string, workspace: string, run: CreateRun): string {
  return curlPost(`${origin}${apiPaths.runs(workspace)}`, run);
}

/** As `curlLine`, for whatever can be created. */
export function curlPost(address: string, what: object): string {
  const body = JSON.stringify(what).replaceAll("'", String.raw`'\''`);
  return [`curl -X POST ${address}`, '-H "Authorization: Bearer $BERTH_TOKEN"', "-H 'Content-Type: application/json'", `-d '${body}'`].join(
    ' \\\n  ',
  );
}
