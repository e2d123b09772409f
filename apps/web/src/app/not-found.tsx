import Link from 'next/link';
import { buttonClass } from '../ui/button.tsx';

export default function NotFound() {
  return (
    <main className="grid h-dvh place-content-center justify-items-center gap-4">
      <h1 className="text-xl font-semibold">There is nothing at this address</h1>
      <Link href="/" className={buttonClass()}>
        To the runs
      </Link>
    </main>
  );
}
