import { inflateSync } from "node:zlib";
import type { PluginContext } from "@episcope/core";
import { describeRenderer } from "@episcope/core/testing";
import { stepPicture } from "@episcope/drawing";
import { DEFAULT_PICTURE_SETTINGS } from "@episcope/records";
import { stepView } from "@episcope/testing/invented-steps";
import { settings } from "@episcope/testing/views";
import { describe, expect, it } from "vitest";
import pdf, { viewToPdf } from "../src/index.js";

const create = () => pdf.create({}, { picture: DEFAULT_PICTURE_SETTINGS } as PluginContext);

describeRenderer({ describe, it }, "pdf", create);

/** What is drawn on the page: the document's streams, unpacked. */
function drawn(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  const streams = [...text.matchAll(/\/FlateDecode[^>]*>>\s*stream\r?\n([\s\S]*?)\r?\nendstream/g)];
  return streams
    .map(([, stream]) => inflateSync(Buffer.from(stream as string, "latin1")).toString("latin1"))
    .join("\n");
}

const plain = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

describe("the pdf of a picture", () => {
  it("is one page as wide as a column of a paper", () => {
    const text = plain(
      viewToPdf(stepView({ rows: 6, columns: 6 }), settings({ layout: "figure", width_mm: 84 })),
    );
    const [, width] = /\/MediaBox \[0 0 ([\d.]+) [\d.]+\]/.exec(text) as unknown as [string, string];
    expect((Number(width) * 25.4) / 72).toBeCloseTo(84, 0);
    expect(text.match(/\/Type \/Page\b/g)).toHaveLength(1);
  });

  it("has the colours of the scene's cells as areas, and no pixels", () => {
    const view = stepView({ rows: 6, columns: 6 });
    const bytes = viewToPdf(view, settings({ layout: "figure" }));
    const { palette } = stepPicture(view, settings({ layout: "figure" }));
    const operators = drawn(bytes);
    for (const value of new Set(view.after.data)) {
      const color = palette[value] as string;
      const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
      const set = [...operators.matchAll(/([\d.]+) ([\d.]+) ([\d.]+) (?:scn|rg)\b/g)].some((found) =>
        parts.every((part, index) => Math.abs(Number(found[index + 1]) - part) < 0.002),
      );
      expect(set, color).toBe(true);
    }
    expect(plain(bytes)).not.toContain("/Subtype /Image");
  });

  it("embeds of its font what it needs, always has the same date, and describes the picture", () => {
    const bytes = viewToPdf(stepView({ rows: 6, columns: 6 }), settings({ layout: "figure" }));
    expect(plain(bytes)).toContain("RobotoMono-Regular");
    expect(plain(bytes)).toContain("/FontFile2");
    expect(`${plain(bytes)}${drawn(bytes)}`).not.toMatch(
      /D:20\d\d|CreateDate>20|(?:^|[^\d])20\d\d-\d\d-\d\dT/,
    );
    expect(plain(bytes)).toMatch(/\/Alt [(<]/);
    expect(bytes.length).toBeLessThan(60_000);
  });

  it("holds any label: markup, brackets, controls, other scripts", () => {
    for (const taskId of ["(((", "\\", "<script>&", "\u0000\u001b[31m\ud800", "日本語 שלום"]) {
      const bytes = viewToPdf(stepView({ rows: 3, columns: 3, taskId }), settings());
      expect(plain(bytes).trimEnd().endsWith("%%EOF"), taskId).toBe(true);
    }
  });
});
