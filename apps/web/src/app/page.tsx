import { EnterWorkspace } from '../features/session/enter-workspace.tsx';

export default function Page() {
  return <EnterWorkspace />;
}
