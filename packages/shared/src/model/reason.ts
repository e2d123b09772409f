/** Why a run is in its phase, as a code. The sentence beside it (`message`) is for people; this is for programs. */
import { z } from 'zod';

export const REASONS = {
  // waiting
  'waiting-for-placement': 'accepted; the scheduler has not looked at it yet',
  'no-host': 'the workspace has no host',
  'no-host-fits': 'every host was looked at and none fits',
  'concurrency-limit': 'as many runs are under way as its concurrency key or the workspace allows',
  'waiting-for-host': 'the hosts that would fit are not ready',
  'waiting-for-agent': 'placed; the agent of the host has not answered yet',
  'waiting-for-engine': 'the container engine of the host does not answer',
  'host-lost': 'its host counts as lost: nothing was heard of it for too long',
  // under way
  'pulling-image': 'the image is being pulled',
  'creating-container': 'the engine creates the container',
  'starting-container': 'the engine starts the container',
  running: 'the container runs',
  paused: 'its processes are held still by request',
  restarting: 'its container has ended and is started again after a pause, as its restart policy asks',
  'restart-requested': 'a restart was asked for',
  'self-fenced': 'its agent was cut off from Berth for too long, and stopped it as asked',
  'stop-requested': 'a stop was asked for; the grace period runs',
  'kill-requested': 'a kill was asked for',
  // ends
  completed: 'the container exited with 0',
  'non-zero-exit': 'the container exited with another code than 0',
  signalled: 'the container was ended by a signal',
  'out-of-memory': 'the kernel ended it: over its memory limit',
  stopped: 'it was stopped by request',
  killed: 'it was killed by request',
  'timed-out': 'it ran longer than timeoutSeconds',
  cancelled: 'it was cancelled before it ran',
  'image-not-found': 'the registry has no such image or tag',
  'image-unauthorized': 'the registry refused access to the image',
  'registry-unreachable': 'the registry could not be reached',
  'image-not-present': 'pullPolicy is never and the host does not have the image',
  'image-pull-failed': 'the pull failed for another reason',
  'command-not-found': 'the command is not in the image (127)',
  'command-not-executable': 'the command cannot be executed (126)',
  'host-port-taken': 'the host port is taken on the host',
  'refused-by-host': 'the policy file of the host does not allow it',
  'invalid-spec': 'the engine refused the spec',
  'engine-error': 'the engine failed in another way',
  'start-unknown': 'the engine went away while it was starting the container: whether it ran is not known',
  'disk-full': 'the host has no disk space left',
  'no-network': 'the private network of the workspace cannot be made on the host',
  'container-gone': 'the container was removed by somebody else',
  'host-removed': 'its host was removed from the workspace',
  evicted: 'its host is drained: it is stopped there and placed elsewhere',
  'host-gone': 'somebody said that its host is gone',
} as const;
export type Reason = keyof typeof REASONS;
export const reasonSchema = z.enum(Object.keys(REASONS) as [Reason, ...Reason[]]);
