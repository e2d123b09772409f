import type { Metadata } from 'next';
import { ServicePage } from '../../../../features/services/service-page.tsx';

export const metadata: Metadata = { title: 'Service' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <ServicePage id={(await params).id} />;
}
