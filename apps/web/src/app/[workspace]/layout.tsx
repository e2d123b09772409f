import type { ReactNode } from 'react';
import { Frame } from '../../features/frame/frame.tsx';

export default async function WorkspaceLayout({ children, params }: { children: ReactNode; params: Promise<{ workspace: string }> }) {
  return <Frame workspace={decodeURIComponent((await params).workspace)}>{children}</Frame>;
}
