'use client';
import { createContext, type ReactNode, useContext } from 'react';

const WorkspaceContext = createContext('');

export function WorkspaceProvider({ workspace, children }: { workspace: string; children: ReactNode }) {
  return <WorkspaceContext value={workspace}>{children}</WorkspaceContext>;
}

/** The slug of the workspace in the address. */
export function useWorkspace(): string {
  return useContext(WorkspaceContext);
}
