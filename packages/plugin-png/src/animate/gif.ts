import { comparison, type Frame } from "./frames.js";
import { gifenc } from "./gifenc.js";

/** Frames as a GIF that repeats for ever. Pixels that stay as they were are left out of a frame. */
export function writeGif(frames: Iterable<Frame>): Uint8Array {
  const stream = gifenc().GIFEncoder();
  let before: Frame | null = null;
  for (const frame of frames) {
    const palette: (readonly number[])[] = [];
    for (let i = 0; i < frame.colors.length; i += 3) palette.push([...frame.colors.subarray(i, i + 3)]);
    const { width, height, delayMs } = frame;
    if (before === null) {
      stream.writeFrame(frame.pixels, width, height, { palette, delay: delayMs, repeat: 0, dispose: 1 });
    } else {
      const same = comparison(before, frame);
      const pixels = frame.pixels.slice();
      const transparentIndex = palette.push([0, 0, 0]) - 1;
      for (let at = 0; at < pixels.length; at++) if (same(at)) pixels[at] = transparentIndex;
      stream.writeFrame(pixels, width, height, {
        palette,
        delay: delayMs,
        transparent: true,
        transparentIndex,
        dispose: 1,
      });
    }
    before = frame;
  }
  stream.finish();
  return stream.bytes();
}
