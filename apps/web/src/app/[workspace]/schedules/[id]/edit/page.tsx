import type { Metadata } from 'next';
import { EditSchedulePage } from '../../../../../features/schedules/edit-schedule-page.tsx';

export const metadata: Metadata = { title: 'Change a schedule' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <EditSchedulePage id={id} />;
}
