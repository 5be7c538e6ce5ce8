import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
// Inside: any picture, without a run around each.
import { fitPng } from "../src/run/png-image.js";
import { png } from "./context.js";

function pixels(bytes: Uint8Array): number[][] {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
  return Array.from({ length: width * height }, (_, index) => [...data.subarray(index * 4, index * 4 + 4)]);
}

describe("fitting a PNG", () => {
  it("gives back the very bytes where it fits", () => {
    const bytes = png(8, 6);
    const image = fitPng(bytes, [8, 6]);
    expect(image.bytes).toBe(bytes);
    expect(image).toMatchObject({ width: 8, height: 6, original: null });
  });

  it.each([
    [
      [1600, 900],
      [800, 600],
      [800, 450],
    ],
    [
      [100, 900],
      [800, 600],
      [66, 600],
    ],
    [
      [1000, 1],
      [10, 10],
      [10, 1],
    ],
  ] as const)("fits %j into %j as %j", ([width, height], limit, expected) => {
    const image = fitPng(png(width, height), limit);
    expect([image.width, image.height]).toEqual(expected);
  });

  it("averages in linear light: black and white give the grey that looks half as bright", () => {
    const bytes = png(4, 4, (x, y) => ((x + y) % 2 === 0 ? [255, 255, 255, 255] : [0, 0, 0, 255]));
    expect(pixels(fitPng(bytes, [2, 2]).bytes)).toEqual(Array(4).fill([188, 188, 188, 255]));
  });

  it("weighs each pixel by the share of it that is covered", () => {
    // 3 pixels into 2: the middle one counts a half in both.
    const bytes = png(3, 1, (x) => (x === 1 ? [255, 255, 255, 255] : [0, 0, 0, 255]));
    const third = Math.round((1.055 * (1 / 3) ** (1 / 2.4) - 0.055) * 255);
    expect(pixels(fitPng(bytes, [2, 1]).bytes)).toEqual(Array(2).fill([third, third, third, 255]));
  });

  it("keeps a flat colour, and lets what is transparent colour nothing", () => {
    const flat = png(7, 5, () => [12, 200, 77, 255]);
    expect(new Set(pixels(fitPng(flat, [3, 3]).bytes).map(String))).toEqual(new Set(["12,200,77,255"]));
    const half = png(2, 2, (x) => (x === 0 ? [255, 0, 0, 255] : [0, 255, 0, 0]));
    expect(pixels(fitPng(half, [1, 1]).bytes)).toEqual([[255, 0, 0, 128]]);
  });

  it.each([
    ["too short", Buffer.from("PNG")],
    ["something else", Buffer.alloc(100, 65)],
    ["cut off", png(50, 50).subarray(0, 60)],
  ])("refuses what is no PNG: %s", (_name, bytes) => {
    expect(() => fitPng(bytes, [5, 5])).toThrowError(expect.objectContaining({ code: "WANDB_NOT_A_PNG" }));
  });
});
