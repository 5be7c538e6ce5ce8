import type { PluginContext } from "@episcope/core";
import { RASTER_SCALE, stepPicture } from "@episcope/drawing";
import { DEFAULT_PICTURE_SETTINGS, type PictureSettings, type View } from "@episcope/records";
import { randomNumbers } from "@episcope/records/testing";
import { stepView } from "@episcope/testing/invented-steps";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import png, { MAX_PIXELS, PictureRaster } from "../src/index.js";

async function renderer(changes: Partial<PictureSettings> = {}, warn: (message: string) => void = () => {}) {
  const picture = { ...DEFAULT_PICTURE_SETTINGS, ...changes };
  return await png.create({}, { picture, logger: { warn } } as unknown as PluginContext);
}

describe("the png renderer", () => {
  for (const quality of ["low", "medium", "high"] as const) {
    it(`draws a step in the scene's aspect, at the scale of image_quality=${quality}`, async () => {
      const view = stepView({ rows: 12, columns: 7 });
      const { render } = await renderer({ image_quality: quality });
      const { width, height } = PNG.sync.read(Buffer.from(render(view)));
      const scene = stepPicture(view, { ...DEFAULT_PICTURE_SETTINGS, image_quality: quality });
      const scale = RASTER_SCALE[quality];
      expect([width, height]).toEqual([Math.round(scene.width * scale), Math.round(scene.height * scale)]);
    });
  }

  it("draws a picture for the size that is asked for, within it, and with text that a panel can show", async () => {
    const { render } = await renderer();
    const view = stepView({ rows: 30, columns: 30 });
    for (const [width, height] of [
      [800, 600],
      [1024, 768],
      [320, 200],
      [480, 1000],
    ] as const) {
      const bytes = render(view, { width, height });
      const drawn = PNG.sync.read(Buffer.from(bytes));
      expect(drawn.width).toBe(width);
      expect(drawn.height).toBeLessThanOrEqual(height);
      expect(drawn.height).toBeGreaterThan(height / 3);
      expect(render(view, { width, height })).toEqual(bytes);
    }
  });

  it("draws any label: markup, controls, right-to-left marks, other scripts, a megabyte", async () => {
    const { render } = await renderer({ image_quality: "low" });
    for (const taskId of [
      "<script>&]]>",
      "\u0000\u001b[31m\ud800",
      "\u202eabc",
      "日本語 שלום",
      "x".repeat(1 << 20),
    ]) {
      const { width } = PNG.sync.read(Buffer.from(render(stepView({ rows: 3, columns: 3, taskId }))));
      expect(width).toBeGreaterThan(100);
    }
  });

  it("draws a box for each letter that its font lacks, and says so once", async () => {
    const warnings: string[] = [];
    const { render } = await renderer({}, (message) => warnings.push(message));
    const named = (taskId: string) => Buffer.from(render(stepView({ rows: 3, columns: 3, taskId })));
    expect(named("Task \ufffd\ufffd\ufffd!")).not.toEqual(named("Task    !"));
    expect(warnings).toEqual([]);
    for (const text of ["Task 가나다!", "Task ש\u05b8לֹם!", "Task \ud83d\udc69\u200d\ud83d\ude80日本!"]) {
      const letters = [...new Intl.Segmenter("en").segment(text)].length - "Task !".length;
      expect(named(text), text).toEqual(named(`Task ${"\ufffd".repeat(letters)}!`));
    }
    for (const text of ["Ελληνικά", "русский", "Tiếng Việt"])
      expect(named(text), text).not.toEqual(named("\ufffd".repeat(text.length)));
    expect(warnings).toEqual([expect.stringMatching(/^Letters that the bundled font lacks are boxes/)]);
  });

  it("draws 500 hostile labels", { timeout: 300_000 }, async () => {
    const parts = [
      "<script>",
      "]]>",
      "</script>",
      "&",
      '"',
      "\u0000",
      "\u001b[2J",
      "\ud800",
      "\u202e",
      "שלום",
      "日本",
      "\r\n",
      "é",
      "x",
    ];
    const { render } = await renderer({ image_quality: "low", include_metrics: false });
    const next = randomNumbers(17);
    for (let i = 0; i < 500; i++) {
      const label = Array.from({ length: 1 + (i % 4) }, () => parts[Math.floor(next() * parts.length)]).join(
        "",
      );
      const action = { operation: 77, name: label };
      const bytes = render(stepView({ rows: 1, columns: 1, taskId: label, action, target: null }));
      const { width, height } = PNG.sync.read(Buffer.from(bytes));
      expect(Math.min(width, height), JSON.stringify(label)).toBeGreaterThan(100);
    }
  });

  it("refuses a view that is no picture, naming those that are", async () => {
    const { render } = await renderer();
    const view = { kind: "episode" } as View;
    expect(() => render(view)).toThrow(expect.objectContaining({ code: "PICTURE_KIND_UNKNOWN" }));
  });

  it("refuses a raster beyond the limit before it takes memory", () => {
    const scene = stepPicture(stepView({ rows: 3, columns: 3 }), DEFAULT_PICTURE_SETTINGS);
    const draw = () => new PictureRaster().drawScene({ ...scene, width: 60_000, height: 60_000 }, 1);
    expect(draw).toThrow(expect.objectContaining({ code: "PICTURE_TOO_LARGE" }));
    expect(MAX_PIXELS).toBe(2 ** 26);
  });
});
