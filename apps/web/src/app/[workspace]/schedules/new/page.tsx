import type { Metadata } from 'next';
import { NewSchedulePage } from '../../../../features/schedules/new-schedule-page.tsx';

export const metadata: Metadata = { title: 'Add a schedule' };

export default function Page() {
  return <NewSchedulePage />;
}
