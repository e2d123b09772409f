import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameQueue } from './frame-queue.ts';

const FRAME_MS = 16;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, FRAME_MS));
  vi.stubGlobal('cancelAnimationFrame', (frame: ReturnType<typeof setTimeout>) => clearTimeout(frame));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('FrameQueue', () => {
  it('hands over with the next frame all that came until then', () => {
    const flushed: number[][] = [];
    const queue = new FrameQueue<number>((items) => flushed.push(items));
    queue.add([1]);
    queue.add([2, 3]);
    vi.advanceTimersByTime(FRAME_MS);
    queue.add([4]);
    vi.advanceTimersByTime(FRAME_MS);
    expect(flushed).toEqual([[1, 2, 3], [4]]);
  });

  it('rests after a flush, and loses nothing meanwhile', () => {
    const flushed: number[][] = [];
    const queue = new FrameQueue<number>((items) => flushed.push(items), 100);
    queue.add([1]);
    vi.advanceTimersByTime(FRAME_MS);
    queue.add([2]);
    vi.advanceTimersByTime(90);
    queue.add([3]);
    expect(flushed).toEqual([[1]]);
    vi.advanceTimersByTime(10 + FRAME_MS);
    expect(flushed).toEqual([[1], [2, 3]]);
  });

  it('hands over without frames in a page in the background, and nothing once it is closed', () => {
    vi.stubGlobal('requestAnimationFrame', () => 0);
    vi.stubGlobal('cancelAnimationFrame', () => undefined);
    const flushed: number[][] = [];
    const queue = new FrameQueue<number>((items) => flushed.push(items), 100);
    queue.add([1]);
    vi.advanceTimersByTime(250);
    expect(flushed).toEqual([[1]]);
    queue.add([2]);
    queue.close();
    vi.advanceTimersByTime(1000);
    expect(flushed).toEqual([[1]]);
  });
});
