import type { Metadata } from 'next';
import { HostPage } from '../../../../features/hosts/host-page.tsx';
import { RunsOfHost } from '../../../../features/runs/runs-of-host.tsx';

export const metadata: Metadata = { title: 'Host' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <HostPage id={id}>
      <RunsOfHost hostId={id} />
    </HostPage>
  );
}
