import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scene } from "@episcope/drawing";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { PictureRaster } from "../src/index.js";

const directory = join(import.meta.dirname, "golden");
const raster = new PictureRaster();

/** Kept as files: golden pictures change with the rasteriser, not with the layout of steps. */
const scenes = JSON.parse(readFileSync(join(directory, "scenes.json"), "utf8")) as Scene[];

describe("the fast path", () => {
  for (const [name, at, scale] of [
    ["step-10x10", 0, 1],
    ["step-10x10-medium", 0, 1.5],
    ["noise-30x30", 1, 1],
    ["digits", 2, 2],
  ] as const) {
    it(`draws the golden picture ${name}`, () => {
      const bytes = raster.drawScene(revived(scenes[at]!), scale);
      const file = join(directory, `${name}.png`);
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, bytes);
      const [drawn, golden] = [PNG.sync.read(Buffer.from(bytes)), PNG.sync.read(readFileSync(file))];
      expect([drawn.width, drawn.height]).toEqual([golden.width, golden.height]);
      const { width, height } = drawn;
      expect(pixelmatch(drawn.data, golden.data, undefined, width, height, { threshold: 0 })).toBe(0);
    });
  }
});

/** JSON has no typed arrays. */
function revived(scene: Scene): Scene {
  const items = scene.items.map((item) => {
    const copy: Record<string, unknown> = { ...item };
    for (const key of ["data", "mask"])
      if (Array.isArray(copy[key])) copy[key] = Uint8Array.from(copy[key] as number[]);
    return copy as unknown as (typeof scene.items)[number];
  });
  return { ...scene, items };
}
