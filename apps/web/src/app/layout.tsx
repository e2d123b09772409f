import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactNode } from 'react';
import { ApiProvider } from '../lib/query-client.tsx';
import { THEME_SCRIPT } from '../lib/theme.ts';
import { Notices } from '../ui/notice.tsx';
import './globals.css';

export const metadata: Metadata = { title: { default: 'Berth', template: '%s · Berth' }, description: 'Containers on your own hosts' };
export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fcfcfd' },
    { media: '(prefers-color-scheme: dark)', color: '#0f1012' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own constant; the theme must be known before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <NuqsAdapter>
          <ApiProvider>
            {children}
            <Notices />
          </ApiProvider>
        </NuqsAdapter>
      </body>
    </html>
  );
}
