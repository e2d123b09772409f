import type { Metadata } from 'next';
import { ArraysPage } from '../../../features/arrays/arrays-page.tsx';

export const metadata: Metadata = { title: 'Run arrays' };

export default function Page() {
  return <ArraysPage />;
}
