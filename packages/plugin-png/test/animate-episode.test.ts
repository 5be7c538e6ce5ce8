import { inflateSync } from "node:zlib";
import { commonStepRoom, stepPicture } from "@episcope/drawing";
import { DEFAULT_PICTURE_SETTINGS } from "@episcope/records";
import { stepView } from "@episcope/testing/invented-steps";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { type AnimationOptions, animateEpisode, PictureRaster } from "../src/index.js";

const settings = { ...DEFAULT_PICTURE_SETTINGS, image_quality: "low" } as const;
const raster = new PictureRaster();
const steps = [0, 1, 2, 2].map((step) => stepView({ rows: 6, columns: 6, step }));

function chunksOf(png: Uint8Array): { type: string; data: Buffer }[] {
  const bytes = Buffer.from(png);
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.push({
      type: bytes.toString("latin1", at + 4, at + 8),
      data: bytes.subarray(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

/** Paints the frames of an APNG over each other, as a viewer does; gives the pixels after each, as palette colours. */
function playApng(png: Uint8Array): { width: number; pixels: Int32Array[] } {
  let width = 0;
  let colors: Buffer = Buffer.alloc(0);
  let box = { x: 0, y: 0, width: 0, height: 0 };
  let canvas = new Int32Array(0);
  const pixels: Int32Array[] = [];
  for (const { type, data } of chunksOf(png)) {
    if (type === "IHDR") {
      width = data.readUInt32BE(0);
      canvas = new Int32Array(width * data.readUInt32BE(4));
    } else if (type === "PLTE") colors = data;
    else if (type === "fcTL")
      box = {
        width: data.readUInt32BE(4),
        height: data.readUInt32BE(8),
        x: data.readUInt32BE(12),
        y: data.readUInt32BE(16),
      };
    else if (type === "IDAT" || type === "fdAT") {
      const raw = inflateSync(type === "IDAT" ? data : data.subarray(4));
      for (let y = 0; y < box.height; y++)
        for (let x = 0; x < box.width; x++)
          canvas[(box.y + y) * width + box.x + x] = colors.readUIntBE(
            3 * raw[y * (box.width + 1) + 1 + x]!,
            3,
          );
      pixels.push(canvas.slice());
    }
  }
  return { width, pixels };
}

describe("an animated episode", () => {
  it("is an APNG whose frames show the steps, and whose first frame any PNG reader shows", () => {
    const file = animateEpisode(steps, { format: "apng", delay: 250, settings, raster });
    const { pixels } = playApng(file);
    expect(pixels).toHaveLength(4);
    const shape = { width: 800, panels: "all" } as const;
    const room = commonStepRoom(steps, settings, shape);
    const keys = steps.flatMap(({ reasons }, place) => (reasons.length > 0 ? [place] : []));
    steps.forEach((view, i) => {
      const progress = { place: i, count: 4, keys };
      const scene = stepPicture(view, settings, { ...shape, ...(room ? { room } : {}), progress });
      const { data } = PNG.sync.read(Buffer.from(raster.drawScene(scene, 1)));
      const expected = Int32Array.from(
        { length: data.length / 4 },
        (_, at) => (data[4 * at]! << 16) | (data[4 * at + 1]! << 8) | data[4 * at + 2]!,
      );
      expect(Buffer.compare(Buffer.from(pixels[i]!.buffer), Buffer.from(expected.buffer))).toBe(0);
    });
    const control = chunksOf(file).find(({ type }) => type === "fcTL")!.data;
    expect([control.readUInt16BE(20), control.readUInt16BE(22)]).toEqual([250, 1000]);
    const delays = chunksOf(file).flatMap(({ type, data }) =>
      type === "fcTL" ? [data.readUInt16BE(20)] : [],
    );
    expect(delays, "the last frame is held").toEqual([250, 250, 250, 750]);
    expect(PNG.sync.read(Buffer.from(file)).width).toBe(800);
  });

  it("is a GIF with a frame for each step, the delay and endless repetition", () => {
    const file = Buffer.from(animateEpisode(steps, { format: "gif", delay: 250, settings, raster }));
    expect(file.toString("latin1", 0, 6)).toBe("GIF89a");
    const controls = file.toString("latin1").split("\x21\xf9\x04").length - 1;
    expect(controls).toBe(4);
    expect(file.includes("NETSCAPE2.0")).toBe(true);
    const first = file.indexOf(Buffer.from([0x21, 0xf9, 4]));
    expect(file.readUInt16LE(first + 4)).toBe(25);
  });

  it("is as wide as asked for and may leave out the grid before", () => {
    const width = (options: Partial<AnimationOptions>) =>
      PNG.sync.read(Buffer.from(animateEpisode(steps, { format: "apng", settings, raster, ...options })))
        .width;
    expect(width({ width: 480, panels: "after_target" })).toBe(480);
    expect(width({ width: 1200 })).toBe(1200);
  });

  it("has one layout for small and large steps", () => {
    const views = [
      stepView({ rows: 3, columns: 3, target: null }),
      stepView({ rows: 30, columns: 30, target: null }),
    ];
    const file = PNG.sync.read(Buffer.from(animateEpisode(views, { format: "apng", settings, raster })));
    expect(file.width).toBe(800);
    expect([...file.data.subarray(4 * (file.width - 1), 4 * file.width - 1)]).toEqual([255, 255, 255]);
  });

  it("draws steps whose labels need the general path", () => {
    const views = [
      stepView({ rows: 3, columns: 3, taskId: "日本" }),
      stepView({ rows: 3, columns: 3, step: 6 }),
    ];
    for (const format of ["gif", "apng"] as const)
      expect(animateEpisode(views, { format, settings, raster }).length).toBeGreaterThan(1000);
  });

  it("refuses an episode without steps, a format it does not know and a delay that the formats cannot hold", () => {
    expect(() => animateEpisode([], { format: "gif" })).toThrow(
      expect.objectContaining({ code: "ANIMATION_EMPTY" }),
    );
    for (const options of [
      { format: "mp4" as "gif" },
      { format: "gif" as const, delay: 0 },
      { format: "gif" as const, width: 10 },
    ])
      expect(() => animateEpisode(steps, options)).toThrow(
        expect.objectContaining({ code: "ANIMATION_OPTION_INVALID" }),
      );
  });
});
