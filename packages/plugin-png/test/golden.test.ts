import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Scene } from "@episcope/drawing";
import { parseKept } from "@episcope/testing/kept-json";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { PictureRaster } from "../src/index.js";

const directory = join(import.meta.dirname, "golden");
const raster = new PictureRaster();

/** Kept as files: golden pictures change with the rasteriser, not with the layout of steps. */
const scenes = parseKept<Scene[]>(readFileSync(join(directory, "scenes.json"), "utf8"));

/** How the picture differs from the file's, if it does. Bytes may: the same picture has many encodings. */
function difference(file: string, bytes: Uint8Array): string | undefined {
  if (!existsSync(file)) return "there is no such file";
  const [drawn, golden] = [PNG.sync.read(Buffer.from(bytes)), PNG.sync.read(readFileSync(file))];
  const { width, height } = drawn;
  if (width !== golden.width || height !== golden.height) return `it is ${width} by ${height} pixels now`;
  const count = pixelmatch(drawn.data, golden.data, undefined, width, height, { threshold: 0 });
  return count === 0 ? undefined : `${count} pixels differ`;
}

describe("the fast path", () => {
  it.each([
    ["step-10x10", 0, 1],
    ["step-10x10-medium", 0, 1.5],
    ["noise-30x30", 1, 1],
    ["digits", 2, 2],
  ])("draws the golden picture %s", async (name, at, scale) => {
    const bytes = raster.drawScene(scenes[at]!, scale);
    const file = join(directory, `${name}.png`);
    const found = difference(file, bytes);
    if (found === undefined) return;
    // As a snapshot, so that -u writes it; the difference of its bytes says nothing to a reader.
    await expect(Buffer.from(bytes).toString("latin1"))
      .toMatchFileSnapshot(file)
      .catch(() => expect.fail(`${name}.png: ${found}`));
  });
});
