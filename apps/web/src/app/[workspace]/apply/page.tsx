import type { Metadata } from 'next';
import { ApplyPage } from '../../../features/runs/apply/apply-page.tsx';

export const metadata: Metadata = { title: 'Apply a manifest' };

export default function Page() {
  return <ApplyPage />;
}
