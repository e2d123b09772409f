import type { Run } from '@berth/shared/model/run';
import { Confirm } from '../../ui/confirm.tsx';
import type { useRunActions } from './use-run-actions.ts';

/** Only a person can know that a host is gone: what it means is said before. */
export function GiveUpRun({ run, act, onClose }: { run: Run; act: ReturnType<typeof useRunActions>['act']; onClose: () => void }) {
  const { hostName } = run.status;
  const what =
    run.spec.onHostLost === 'replace'
      ? 'It is placed on another host now: for as long as the old one runs unheard, two run at once.'
      : 'It ends as lost, and is not started anywhere else by itself.';
  return (
    <Confirm
      title={`Is ${hostName ?? 'its host'} gone?`}
      yes="It is gone"
      no="Wait for it"
      busy={act.isPending}
      error={act.error?.message}
      onYes={() => act.mutate('give-up', { onSuccess: onClose })}
      onClose={onClose}
    >
      {what} Should the host still run, it stops this container as soon as it is heard again.
    </Confirm>
  );
}
