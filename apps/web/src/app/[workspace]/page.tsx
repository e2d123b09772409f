import { redirect } from 'next/navigation';
import { paths } from '../../lib/paths.ts';

export default async function Page({ params }: { params: Promise<{ workspace: string }> }) {
  redirect(paths.runs((await params).workspace));
}
