import type { MouseEvent } from 'react';

/** A click that opens a link here. Any other, into another tab or window or down to a file, is the browser's. */
export const isPlainClick = ({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean =>
  button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey;
