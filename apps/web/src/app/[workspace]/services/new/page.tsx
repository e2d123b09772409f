import type { Metadata } from 'next';
import { NewServicePage } from '../../../../features/services/new-service-page.tsx';

export const metadata: Metadata = { title: 'New service' };

export default function Page() {
  return <NewServicePage />;
}
