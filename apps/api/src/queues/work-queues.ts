/** How the rest of the api wakes the workers. Jobs carry keys, never state (law L1); a lost one is made good by the sweep. */
export abstract class WorkQueues {
  /** Something is pending in this workspace, or room was made. Never throws: a Redis that is away is the sweep's matter. */
  abstract wakePlacement(workspaceId: string): Promise<void>;
}
