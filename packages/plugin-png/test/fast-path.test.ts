import { FONT, type Scene, stepPicture } from "@episcope/drawing";
import type { PictureSettings } from "@episcope/records";
import { DEFAULT_PICTURE_SETTINGS } from "@episcope/records";
import { type StepOptions, stepView } from "@episcope/testing/invented-steps";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { PictureRaster } from "../src/index.js";
// Inside: the door does not say which of the two paths drew a picture.
import { FastPath } from "../src/picture/fast-path.js";
import { GlyphAtlas } from "../src/raster/glyph-atlas.js";

const raster = new PictureRaster();
const fast = new FastPath(raster.shapes);

/**
 * What text may differ by, of 255 in one channel: letters stand on eighths of a pixel and have two
 * shades between ground and ink. `mean`
 * is over all pixels of the boxes around the text.
 */
const TEXT_WORST = 108;
const TEXT_MEAN = 3.5;

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function both(scene: Scene, scale: number): { fastPixels: Pixels; generalPixels: Pixels } {
  const file = fast.draw(scene, scale);
  if (file === null) throw new Error("the fast path refused the scene");
  const image = raster.general.render(scene, scale);
  return {
    fastPixels: PNG.sync.read(Buffer.from(file)),
    generalPixels: { width: image.width, height: image.height, data: image.pixels },
  };
}

/** 1 where a text item may have put ink. */
function textArea(scene: Scene, scale: number, width: number, height: number): Uint8Array {
  const area = new Uint8Array(width * height);
  for (const item of scene.items) {
    const boxes: [number, number, number, number][] = [];
    if (item.kind === "text") {
      const length = item.text.length * item.size * FONT.advance;
      const left = item.x - (item.anchor === "end" ? length : item.anchor === "middle" ? length / 2 : 0);
      boxes.push([left - 2, item.y - item.size * 1.1, left + length + 2, item.y + item.size * 0.35]);
    } else if (item.kind === "grid" && item.digits !== null) {
      const [rows, columns] = item.shape;
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) {
          const [x, y] = [item.x + c * item.cell, item.y + r * item.cell];
          boxes.push([x + 1, y + 1, x + item.cell, y + item.cell]);
        }
    }
    for (const [x0, y0, x1, y1] of boxes)
      for (let y = Math.max(0, Math.floor(y0 * scale)); y < Math.min(height, y1 * scale); y++)
        for (let x = Math.max(0, Math.floor(x0 * scale)); x < Math.min(width, x1 * scale); x++)
          area[y * width + x] = 1;
  }
  return area;
}

function differences(scene: Scene, scale: number) {
  const { fastPixels, generalPixels } = both(scene, scale);
  expect([fastPixels.width, fastPixels.height]).toEqual([generalPixels.width, generalPixels.height]);
  const { width, height } = fastPixels;
  const area = textArea(scene, scale, width, height);
  let outside = 0;
  const where: string[] = [];
  let inText = 0;
  let worst = 0;
  let sum = 0;
  for (let i = 0; i < width * height; i++) {
    let difference = 0;
    for (let k = 0; k < 3; k++)
      difference = Math.max(
        difference,
        Math.abs(fastPixels.data[4 * i + k]! - generalPixels.data[4 * i + k]!),
      );
    if (area[i] === 1) {
      inText++;
      sum += difference;
      worst = Math.max(worst, difference);
    } else if (difference > 0) {
      outside++;
      if (where.length < 8) where.push(`${i % width},${Math.floor(i / width)}:${difference}`);
    }
  }
  return { outside, where, worst, mean: sum / Math.max(1, inText) };
}

const cases: { readonly [name: string]: readonly [StepOptions, Partial<PictureSettings>] } = {
  "a 10x10 step": [{ rows: 10, columns: 10 }, {}],
  "a 30x30 step": [{ rows: 30, columns: 30 }, {}],
  "noise, coordinates": [{ rows: 30, columns: 30, noise: true }, { show_coordinates: true }],
  "digits in cells": [{ rows: 7, columns: 12, noise: true }, { color_scheme: "colorblind" }],
  "high contrast": [{ rows: 3, columns: 3, noise: true }, { color_scheme: "high_contrast" }],
  "low quality": [{ rows: 12, columns: 9 }, { image_quality: "low" }],
  "a scattered mask": [
    {
      rows: 9,
      columns: 9,
      action: {
        operation: 3,
        selection: { kind: "mask", mask: Uint8Array.from({ length: 81 }, (_, i) => (i % 7 < 3 ? 1 : 0)) },
      },
    },
    {},
  ],
  "one cell": [
    { rows: 1, columns: 1, action: { operation: 3, selection: { kind: "point", point: [0, 0] } } },
    {},
  ],
  "no target": [{ rows: 5, columns: 6, target: null }, {}],
};

describe("the fast path, beside the SVG drawn by resvg,", () => {
  for (const [name, [options, changes]] of Object.entries(cases)) {
    for (const scale of [1, 1.5, 2]) {
      it(`has the same grids, selections and marks to the pixel, and text within its tolerance: ${name}, scale ${scale}`, () => {
        const scene = stepPicture(stepView(options), { ...DEFAULT_PICTURE_SETTINGS, ...changes });
        const { outside, where, worst, mean } = differences(scene, scale);
        expect({ outside, where }).toEqual({ outside: 0, where: [] });
        expect(worst).toBeLessThanOrEqual(TEXT_WORST);
        expect(mean).toBeLessThanOrEqual(TEXT_MEAN);
      });
    }
  }

  it("leaves to the general path what it cannot draw: curves, and letters that the atlas lacks", () => {
    const scene = stepPicture(stepView({ rows: 3, columns: 3, taskId: "日本" }), DEFAULT_PICTURE_SETTINGS);
    expect(fast.draw(scene, 1)).toBeNull();
    const latin = stepPicture(stepView({ rows: 3, columns: 3 }), DEFAULT_PICTURE_SETTINGS);
    expect(fast.draw(latin, 1)).not.toBeNull();
    const curve = { kind: "polyline", points: [1, 1, 20, 9.5], weight: 2, stroke: 27 } as const;
    expect(fast.draw({ ...latin, items: [...latin.items, curve] }, 1)).toBeNull();
  });

  it("draws each sign of the atlas as the general path does", () => {
    const signs = Array.from({ length: 0x2300 - 0x20 }, (_, i) => 0x20 + i).filter(GlyphAtlas.covers);
    expect(signs.length).toBeGreaterThan(150);
    const { palette, ink } = stepPicture(stepView({ rows: 3, columns: 3 }), DEFAULT_PICTURE_SETTINGS);
    for (const weight of [400, 700] as const) {
      const items = signs.map((sign, i) => ({
        kind: "text" as const,
        x: 10 + 20 * (i % 32),
        y: 25 + 30 * Math.floor(i / 32),
        size: 14,
        weight,
        anchor: "start" as const,
        fill: 19,
        text: String.fromCodePoint(sign),
      }));
      const page = { kind: "rect" as const, x: 0, y: 0, width: 660, height: 240, fill: 16 };
      const scene = {
        width: 660,
        height: 240,
        title: "",
        description: "",
        palette,
        ink,
        items: [page, ...items],
      };
      const { outside, worst } = differences(scene, 1);
      expect(outside).toBe(0);
      expect(worst).toBeLessThanOrEqual(TEXT_WORST);
    }
  });

  it("gives the same bytes whatever was drawn before", () => {
    const scenes = Object.values(cases).map(([options, changes]) =>
      stepPicture(stepView(options), { ...DEFAULT_PICTURE_SETTINGS, ...changes }),
    );
    const fresh = scenes.map((scene) => new PictureRaster().drawScene(scene, 1));
    const again = scenes.map((scene) => raster.drawScene(scene, 1));
    expect(again.map((bytes, i) => Buffer.compare(bytes, fresh[i]!))).toEqual(scenes.map(() => 0));
  });
});
