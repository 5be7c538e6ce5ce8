import type { Scene } from "@episcope/drawing";
import type { PictureRaster } from "../picture/picture-raster.js";
import { rasterScene } from "../raster/scene-raster.js";
import { gifenc } from "./gifenc.js";

/** A picture as palette indices, row by row. */
export interface FramePixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** Red, green, blue of each entry; entry 0 is the ground of the page. At most 255 entries. */
  readonly colors: Uint8Array;
}

/** A picture of an animation and how long it is shown. */
export interface Frame extends FramePixels {
  readonly delayMs: number;
}

/** Entries of a frame's palette; one is left for "as in the frame before". */
const MAX_COLORS = 255;

/** Draws a scene for an animation of the given size, which is at least that of the scene. */
export function drawFrame(
  raster: PictureRaster,
  scene: Scene,
  scale: number,
  width: number,
  height: number,
): FramePixels {
  const pixels = new Uint8Array(width * height);
  const lines = rasterScene(scene, scale, raster.shapes);
  if (lines !== null) {
    lines.plan.forEachLine(({ y, repeat, pixels: layers, texts }) => {
      const line = layers.slice();
      for (const at of texts) {
        for (const { text, left, top, bottom } of lines.plan.texts[at]!.pieces) {
          if (top <= y && y < bottom) text.paintRow(y - top, line, left);
        }
      }
      for (let i = 0; i < repeat; i++) pixels.set(line, (y + i) * width);
    });
    const colors = lines.palette.bytes();
    if (!lines.overflowed() && colors.length <= 3 * MAX_COLORS) return { width, height, pixels, colors };
  }
  const image = raster.general.render(scene, scale);
  const rgba = new Uint8Array(image.pixels);
  const page = [rgba[0]!, rgba[1]!, rgba[2]!];
  const palette = [page, ...gifenc().quantize(rgba, MAX_COLORS - 1)];
  const indices = gifenc().applyPalette(rgba, palette);
  pixels.fill(0);
  for (let y = 0; y < image.height; y++) {
    pixels.set(indices.subarray(y * image.width, (y + 1) * image.width), y * width);
  }
  return { width, height, pixels, colors: Uint8Array.from(palette.flatMap((color) => color.slice(0, 3))) };
}

/** The smallest box outside of which two frames of one size show the same; null where they show the same everywhere. */
export function changedBox(
  before: FramePixels,
  after: FramePixels,
): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null {
  const { width, height } = after;
  const same = comparison(before, after);
  let [left, right, top, bottom] = [width, -1, -1, -1];
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let x = 0;
    while (x < width && same(start + x)) x++;
    if (x === width) continue;
    if (top < 0) top = y;
    bottom = y;
    left = Math.min(left, x);
    x = width - 1;
    while (x > right && same(start + x)) x--;
    right = Math.max(right, x);
  }
  return top < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Whether two frames have the same colour at a place; their palettes differ where text was mixed in another order. */
export function comparison(before: FramePixels, after: FramePixels): (at: number) => boolean {
  const from = packed(before.colors);
  const to = packed(after.colors);
  return (at) => from[before.pixels[at]!] === to[after.pixels[at]!];
}

function packed(colors: Uint8Array): Int32Array {
  return Int32Array.from(
    { length: colors.length / 3 },
    (_, i) => (colors[3 * i]! << 16) | (colors[3 * i + 1]! << 8) | colors[3 * i + 2]!,
  );
}
