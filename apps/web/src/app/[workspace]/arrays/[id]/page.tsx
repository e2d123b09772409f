import type { Metadata } from 'next';
import { ArrayPage } from '../../../../features/arrays/array-page.tsx';

export const metadata: Metadata = { title: 'Run array' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <ArrayPage id={(await params).id} />;
}
