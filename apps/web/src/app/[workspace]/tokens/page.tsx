import type { Metadata } from 'next';
import { TokensPage } from '../../../features/team/tokens-page.tsx';

export const metadata: Metadata = { title: 'Tokens' };

export default function Page() {
  return <TokensPage />;
}
