/** Shapes of states, drawn to one 12-pixel grid so that rows align. */
import type { Shape } from './state.ts';

const RING = <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" />;

const DRAWINGS: Record<Shape, React.ReactNode> = {
  open: RING,
  quarter: (
    <>
      {RING}
      <path d="M6 6V2.5A3.5 3.5 0 0 1 9.5 6Z" fill="currentColor" />
    </>
  ),
  half: (
    <>
      {RING}
      <path d="M6 2.5a3.5 3.5 0 0 1 0 7Z" fill="currentColor" />
    </>
  ),
  full: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  'lower-half': (
    <>
      {RING}
      <path d="M2.5 6a3.5 3.5 0 0 0 7 0Z" fill="currentColor" />
    </>
  ),
  check: (
    <path d="m2 6.4 2.7 2.7L10 3.4" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
  ),
  cross: <path d="m2.8 2.8 6.4 6.4m0-6.4L2.8 9.2" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />,
  barred: (
    <>
      {RING}
      <path d="m3 9 6-6" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  dash: <path d="M2.5 6h7" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />,
};

export function StateShape({ shape, size = 12 }: { shape: Shape; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true" className="shrink-0">
      {DRAWINGS[shape]}
    </svg>
  );
}

/** Berth's mark: a mooring bollard over the water line. */
export function Mark({ size = 18 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 18 18" aria-hidden="true" className="shrink-0 text-accent">
      <path
        d="M4 5.5h10M7 5.5V12m4-6.5V12M2.5 15c1.1-1 2.2-1 3.25 0s2.15 1 3.25 0 2.2-1 3.25 0 2.15 1 3.25 0"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M5.5 2.5h7" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />
    </svg>
  );
}
