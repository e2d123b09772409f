/** What a run's bad end means, and what to try then, by its reason. */
import type { Reason } from '@berth/shared/model/reason';
import type { Run } from '@berth/shared/model/run';

const HINTS: Partial<Record<Reason, string>> = {
  'out-of-memory': 'Give it more memory, or make the program use less: "Run again with changes" opens the form with all of this filled in.',
  'non-zero-exit': 'Its last lines are below; the program itself ended with this code.',
  'image-not-found':
    'Check the name and the tag for typing errors. A private image may also look as if it did not exist: add credentials under Registries.',
  'image-unauthorized': 'Add or renew the credentials of this registry under Registries, then run it again.',
  'registry-unreachable': 'The host could not reach the registry: check its network and the name of the registry, then run it again.',
  'image-not-present': 'The pull policy is “never” and the host does not have the image: choose another policy.',
  'command-not-found': 'The first word of the command must be a program inside the image: check its spelling and path.',
  'command-not-executable': 'The file exists in the image but cannot be executed: check its mode and its first line.',
  'timed-out': 'Raise the time-out, or leave it out to let it run as long as it wants.',
  'host-port-taken': 'Another program on the host holds the port: choose another host port, or leave it out to have a free one chosen.',
  'disk-full': 'Free disk space on the host, then run it again.',
  'no-network': 'Look at the words of the engine: its address ranges may be used up by other networks on the host.',
  'start-unknown':
    'Look at what it should have done, then run it again. One that may be replaced where its host is lost is placed again by itself.',
  'secret-missing': 'Give the secret a value again under Secrets, then run it again.',
  'secret-folder': 'On the host, name a folder in memory for them, or have the run take its secrets as variables.',
  'invalid-spec': 'The engine refused these settings: its words are above.',
  'host-removed': 'Run it again to place it on another host.',
  'host-lost': 'Its end had been asked for when its host was lost: run it again if it is still wanted.',
  'host-gone': 'Whether it ended there is not known. Run it again to place it on another host.',
  signalled: 'Something ended its process from outside or by a fault of its own; its last lines are below.',
};

export function hintFor(reason: Reason): string | null {
  return HINTS[reason] ?? null;
}

/** Where the sentence of the status is the engine's or the registry's own, which only some can read. */
const HEADLINES: Partial<Record<Reason, (image: string) => string>> = {
  'image-not-found': (image) => `There is no image ${image}`,
  'image-unauthorized': (image) => `The registry does not give ${image} to this host`,
  'registry-unreachable': (image) => `The registry of ${image} could not be reached`,
  'image-pull-failed': (image) => `${image} could not be pulled`,
  'command-not-found': () => 'The command is not in the image',
  'command-not-executable': () => 'The command cannot be executed',
  'invalid-spec': () => 'The engine refused these settings',
  'engine-error': () => 'The engine could not run it',
  'start-unknown': () => 'Whether it ran is not known',
  'disk-full': () => 'The host has no disk space left',
  'no-network': () => 'The network of the workspace could not be made on the host',
};

/** Null: its own sentence says it. */
export function headlineFor({ spec, status }: Run): string | null {
  return HEADLINES[status.reason]?.(spec.image) ?? null;
}
