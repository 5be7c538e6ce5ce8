import { VIEW_KINDS } from "@episcope/records";
import { sampleViews } from "@episcope/records/testing";
import { settings } from "@episcope/testing/views";
import { describe, expect, it } from "vitest";
import { drawView, PICTURE_KINDS } from "../src/index.js";

describe("drawView", () => {
  it("draws a view of every kind but a whole episode", () => {
    const views = sampleViews(PICTURE_KINDS);
    expect([...new Set(views.map(({ kind }) => kind)), "episode"].sort()).toEqual([...VIEW_KINDS].sort());
    for (const view of views) expect(drawView(view, settings()).items.length).toBeGreaterThan(0);
  });

  it("refuses a whole episode, naming the kinds that have a picture: PICTURE_KIND_UNKNOWN", () => {
    const [episode] = sampleViews(["episode"]);
    expect(() => drawView(episode!, settings())).toThrow(
      expect.objectContaining({
        code: "PICTURE_KIND_UNKNOWN",
        hint: expect.stringContaining("html"),
        fields: { kind: "episode", options: PICTURE_KINDS },
      }),
    );
  });
});
