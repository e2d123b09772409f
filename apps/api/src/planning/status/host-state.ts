/** Whether a host can be given work: its session, its engine, and when it was last heard. */
export interface HostSigns {
  connected: boolean;
  everSeen: boolean;
  engineReady: boolean;
  engineMessage: string;
  /** Seen within the grace period, by the api's own clock. */
  fresh: boolean;
}

export interface HostStateNow {
  state: 'ready' | 'not-ready';
  message: string;
}

export function hostStateOf({ connected, everSeen, engineReady, engineMessage, fresh }: HostSigns): HostStateNow {
  if (!everSeen) return { state: 'not-ready', message: 'the agent has not connected yet' };
  if (!connected) return { state: 'not-ready', message: 'the agent is not connected' };
  if (!fresh) return { state: 'not-ready', message: 'the agent does not answer' };
  if (!engineReady) return { state: 'not-ready', message: engineMessage };
  return { state: 'ready', message: 'ready' };
}
