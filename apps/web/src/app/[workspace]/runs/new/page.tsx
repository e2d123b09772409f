import type { Metadata } from 'next';
import { NewRunPage } from '../../../../features/runs/new-run-page.tsx';

export const metadata: Metadata = { title: 'Run a container' };

export default function Page() {
  return <NewRunPage />;
}
