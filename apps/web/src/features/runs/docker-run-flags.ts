/** Every flag of `docker run` (Docker CLI 29, cli/command/container/opts.go) and what Berth makes of it. */
import type { Meaning } from './docker-run-values.ts';

interface Taken {
  /** Whether a value follows; a switch otherwise. */
  value: boolean;
  as: Meaning;
  refuse?: undefined;
}
interface Refused {
  value: boolean;
  as?: undefined;
  /** One sentence: why not, and what to do instead. */
  refuse: string;
}
export type Flag = Taken | Refused;

const take = (as: Meaning): Flag => ({ value: true, as });
const takeSwitch = (as: Meaning): Flag => ({ value: false, as });
const no = (refuse: string): Flag => ({ value: true, refuse });
const noSwitch = (refuse: string): Flag => ({ value: false, refuse });

const NETWORKS = 'networks of your own are not supported yet; a run is reached through its published ports.';
const CPU = 'only a number of cores can be set: use --cpus.';
const MEMORY = 'only a memory limit can be set: use --memory.';
const DISK_RATES = 'limits on disk throughput are not supported yet.';
const SECURITY = 'changing the isolation of a container is not supported yet.';
const DEVICES = 'devices of the host are not supported yet.';
const LOGGING = "Berth keeps the output itself; the engine's log driver cannot be chosen.";
const NAMESPACES = 'sharing a namespace with the host or another container is not supported yet.';
const WINDOWS = 'this is for Windows containers, which Berth does not run.';

export const FLAGS: Readonly<Record<string, Flag | undefined>> = {
  // mapped
  'add-host': take('add-host'),
  cpus: take('cpus'),
  'cap-add': take('cap-add'),
  'cap-drop': take('cap-drop'),
  entrypoint: take('entrypoint'),
  env: take('env'),
  'health-cmd': take('health-cmd'),
  'health-interval': take('health-interval'),
  'health-retries': take('health-retries'),
  'health-start-period': take('health-start-period'),
  'health-timeout': take('health-timeout'),
  hostname: take('hostname'),
  init: takeSwitch('init'),
  interactive: takeSwitch('interactive'),
  label: take('label'),
  memory: take('memory'),
  mount: take('mount'),
  name: take('name'),
  'no-healthcheck': takeSwitch('no-healthcheck'),
  'pids-limit': take('pids-limit'),
  privileged: takeSwitch('privileged'),
  publish: take('publish'),
  pull: take('pull'),
  'read-only': takeSwitch('read-only'),
  restart: take('restart'),
  'stop-signal': take('stop-signal'),
  'stop-timeout': take('stop-timeout'),
  tmpfs: take('tmpfs'),
  tty: takeSwitch('tty'),
  user: take('user'),
  volume: take('volume'),
  workdir: take('workdir'),
  // what Berth does anyway, or what only concerns the terminal that docker runs in
  attach: take('attach'),
  detach: takeSwitch('detach'),
  'detach-keys': take('terminal-only'),
  'disable-content-trust': takeSwitch('as-always'),
  network: take('network'),
  net: take('network'),
  quiet: takeSwitch('as-always'),
  rm: takeSwitch('as-always'),
  'sig-proxy': takeSwitch('as-always'),
  // refused
  annotation: no('annotations are not supported; use --label.'),
  'blkio-weight': no(DISK_RATES),
  'blkio-weight-device': no(DISK_RATES),
  'cgroup-parent': no('the cgroup of a container cannot be chosen.'),
  cgroupns: no(NAMESPACES),
  cidfile: no("there is no file to write the container's id to; the run's page shows it."),
  'cpu-count': no(WINDOWS),
  'cpu-percent': no(WINDOWS),
  'cpu-period': no(CPU),
  'cpu-quota': no(CPU),
  'cpu-rt-period': no(CPU),
  'cpu-rt-runtime': no(CPU),
  'cpu-shares': no(CPU),
  'cpuset-cpus': no('cores cannot be pinned; use --cpus for how many.'),
  'cpuset-mems': no('memory nodes cannot be pinned.'),
  device: no(DEVICES),
  'device-cgroup-rule': no(DEVICES),
  'device-read-bps': no(DISK_RATES),
  'device-read-iops': no(DISK_RATES),
  'device-write-bps': no(DISK_RATES),
  'device-write-iops': no(DISK_RATES),
  dns: no('DNS servers of your own are not supported yet.'),
  'dns-opt': no('DNS options are not supported yet.'),
  'dns-option': no('DNS options are not supported yet.'),
  'dns-search': no('DNS search domains are not supported yet.'),
  domainname: no('a domain name of its own is not supported yet.'),
  'env-file': no('the console cannot read a file on your machine; write each variable with -e NAME=value.'),
  expose: no('publish the port with -p instead.'),
  gpus: no('GPUs are not supported yet.'),
  'group-add': no('further groups are not supported yet; --user takes user:group.'),
  'health-start-interval': no('the interval of the start period cannot be set apart; --health-interval counts from the start.'),
  help: noSwitch('there is nothing to run in a call for help.'),
  'io-maxbandwidth': no(WINDOWS),
  'io-maxiops': no(WINDOWS),
  ip: no(NETWORKS),
  ip6: no(NETWORKS),
  ipc: no(NAMESPACES),
  isolation: no(WINDOWS),
  'kernel-memory': no(MEMORY),
  'label-file': no('the console cannot read a file on your machine; write each label with -l key=value.'),
  link: no(NETWORKS),
  'link-local-ip': no(NETWORKS),
  'log-driver': no(LOGGING),
  'log-opt': no(LOGGING),
  'mac-address': no(NETWORKS),
  'memory-reservation': no(MEMORY),
  'memory-swap': no(MEMORY),
  'memory-swappiness': no(MEMORY),
  'net-alias': no(NETWORKS),
  'network-alias': no(NETWORKS),
  'oom-kill-disable': noSwitch('a container over its memory limit is always ended.'),
  'oom-score-adj': no('the order in which the kernel ends processes cannot be chosen.'),
  pid: no(NAMESPACES),
  platform: no('the platform is that of the host; it cannot be chosen yet.'),
  'publish-all': noSwitch('name each port with -p; a free host port is chosen where you name none.'),
  runtime: no("the engine's runtime cannot be chosen."),
  'security-opt': no(SECURITY),
  'shm-size': no('the size of /dev/shm cannot be set yet.'),
  'storage-opt': no('storage options are not supported yet.'),
  sysctl: no('kernel parameters are not supported yet.'),
  ulimit: no('ulimits are not supported yet.'),
  'use-api-socket': noSwitch("the engine's socket is never given to a container."),
  userns: no(NAMESPACES),
  uts: no(NAMESPACES),
  'volume-driver': no('volumes lie on the disk of their host; no other driver can be chosen.'),
  'volumes-from': no('name each volume with -v name:/path: runs that name the same one share it.'),
};

export const SHORT_FLAGS: Readonly<Record<string, string | undefined>> = {
  a: 'attach',
  c: 'cpu-shares',
  d: 'detach',
  e: 'env',
  h: 'hostname',
  i: 'interactive',
  l: 'label',
  m: 'memory',
  P: 'publish-all',
  p: 'publish',
  q: 'quiet',
  t: 'tty',
  u: 'user',
  v: 'volume',
  w: 'workdir',
};
