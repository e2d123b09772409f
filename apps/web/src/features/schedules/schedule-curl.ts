/** The same schedule as a line for a terminal, through the REST API. */
import type { CreateSchedule } from '@berth/shared/model/schedule';

/** `origin`: the address of this Berth. The token is left to the shell. */
export function scheduleCurl(origin: string, workspace: string, schedule: CreateSchedule): string {
  const body = JSON.stringify(schedule).replaceAll("'", String.raw`'\''`);
  return [
    `curl -X POST ${origin}/v1/workspaces/${workspace}/schedules`,
    '-H "Authorization: Bearer $BERTH_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-d '${body}'`,
  ].join(' \\\n  ');
}
