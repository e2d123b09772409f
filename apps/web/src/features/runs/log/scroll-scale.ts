/**
 * A browser draws nothing that is taller than some 16 million pixels (Firefox 17.8, Chrome 33.5). What is taller is scrolled by a scale: near both of its
 * ends a pixel is a pixel, between them one of the scroll bar stands for several of the log. Pure.
 */
export const TALLEST = 15_000_000;
/** Here a pixel is a pixel. */
const END = 200_000;

export interface ScrollScale {
  /** Of what is scrolled. */
  readonly height: number;
  /** Offset in the log, in pixels → offset in what is scrolled. Both grow together, ends to ends. */
  toScroll(offset: number): number;
  toLog(offset: number): number;
}

export function scrollScale(total: number): ScrollScale {
  if (total <= TALLEST) return { height: total, toScroll: (offset) => offset, toLog: (offset) => offset };
  const factor = (TALLEST - 2 * END) / (total - 2 * END);
  return {
    height: TALLEST,
    toScroll(offset) {
      if (offset <= END) return offset;
      if (total - offset <= END) return TALLEST - (total - offset);
      return END + (offset - END) * factor;
    },
    toLog(offset) {
      if (offset <= END) return offset;
      if (TALLEST - offset <= END) return total - (TALLEST - offset);
      return END + (offset - END) / factor;
    },
  };
}
