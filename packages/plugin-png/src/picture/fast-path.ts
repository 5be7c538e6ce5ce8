import type { Scene } from "@episcope/drawing";
import { indexedHeader, paletteChunk, pngChunk, pngFile } from "../encode/png-chunks.js";
import { ScanlineEncoder } from "../encode/scanline-encoder.js";
import { rasterScene } from "../raster/scene-raster.js";
import type { TextShapes } from "../raster/text-shape.js";

/**
 * Scenes straight into PNG files, without SVG, without pixels in memory and without zlib: a picture of a step is
 * a few hundred different lines, and each is written from its runs.
 */
export class FastPath {
  private readonly encoder = new ScanlineEncoder();
  private readonly shapes: TextShapes;

  constructor(shapes: TextShapes) {
    this.shapes = shapes;
  }

  /** Null where the scene needs the general path. */
  draw(scene: Scene, scale: number): Uint8Array | null {
    const raster = rasterScene(scene, scale, this.shapes);
    if (raster === null) return null;
    const { encoder } = this;
    encoder.begin(raster.width, raster.plan.texts);
    raster.plan.forEachLine((line) => encoder.lines(line));
    if (raster.overflowed()) return null;
    return pngFile([
      indexedHeader(raster.width, raster.height),
      paletteChunk(raster.palette.bytes()),
      pngChunk("IDAT", encoder.finish()),
    ]);
  }
}
