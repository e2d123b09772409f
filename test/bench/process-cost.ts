/** What processes have used, by /proc: it holds on a machine that others use too, where seconds do not. */
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

/** sysconf(_SC_CLK_TCK) of every Linux that Node runs on. */
const TICKS_A_SECOND = 100;
/** /proc tells KiB; figures are told in MB. */
const KIB_IN_A_MB = 1e6 / 1024;

/** User and system time of a process and of its children that have ended and were waited for. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0) / TICKS_A_SECOND;
}

/** Of a server and all of its processes. */
export function cpuSecondsOfTree(parent: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
  return [parent, ...children].reduce((sum, pid) => sum + orZero(() => cpuSeconds(pid)), 0);
}

/** The process that the others of this server are children of. */
export async function postmasterOf(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ text: string }>("SELECT pg_read_file('postmaster.pid') AS text");
    return Number(rows[0]?.text.split('\n')[0]);
  } finally {
    await client.end();
  }
}

/** Resident, in MB: `VmRSS` at present, `VmHWM` at most so far. */
export function residentMB(pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm'));
  if (!line) throw new Error(`/proc/${pid}/status has no ${field}`);
  return Number(line[1]) / KIB_IN_A_MB;
}

function parentOf(pid: number): number {
  return orZero(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  });
}

/** It may end in this moment. */
function orZero(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}
