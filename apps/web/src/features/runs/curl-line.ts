/** The same run as a line for a terminal, through the REST API. */
import type { CreateRun } from '@berth/shared/model/run';

/** `origin`: the address of this Berth. The token is left to the shell. */
export function curlLine(origin: string, workspace: string, run: CreateRun): string {
  const body = JSON.stringify(run).replaceAll("'", String.raw`'\''`);
  return [
    `curl -X POST ${origin}/v1/workspaces/${workspace}/runs`,
    '-H "Authorization: Bearer $BERTH_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-d '${body}'`,
  ].join(' \\\n  ');
}
