import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FONT, fitText, textColumns, textWidth } from "../src/index.js";

const FONTS = new URL("../fonts/", import.meta.url);

/** The figures of a TrueType file that layout depends on. */
function readMetrics(file: string) {
  const bytes = readFileSync(new URL(file, FONTS));
  const tables = new Map<string, number>();
  for (let index = 0; index < bytes.readUInt16BE(4); index++) {
    const entry = 12 + 16 * index;
    tables.set(bytes.toString("latin1", entry, entry + 4), bytes.readUInt32BE(entry + 8));
  }
  const at = (name: string): number => tables.get(name) as number;
  const unitsPerEm = bytes.readUInt16BE(at("head") + 18);
  const count = bytes.readUInt16BE(at("hhea") + 34);
  const advances = new Set<number>();
  for (let index = 0; index < count; index++) advances.add(bytes.readUInt16BE(at("hmtx") + 4 * index));
  return {
    advances: [...advances].map((advance) => advance / unitsPerEm),
    ascent: bytes.readInt16BE(at("hhea") + 4) / unitsPerEm,
    descent: -bytes.readInt16BE(at("hhea") + 6) / unitsPerEm,
    capHeight: bytes.readInt16BE(at("OS/2") + 88) / unitsPerEm,
  };
}

describe("the font's metrics", () => {
  it.each(["RobotoMono-Regular.ttf", "RobotoMono-Bold.ttf"])("are those of %s", (file) => {
    expect(readMetrics(file)).toEqual({
      advances: [FONT.advance],
      ascent: FONT.ascent,
      descent: FONT.descent,
      capHeight: FONT.capHeight,
    });
  });

  it.each(["RobotoMono-Regular.ttf", "RobotoMono-Bold.ttf"])(
    "belong to the %s that fonts/README.md names",
    (file) => {
      const checksum = createHash("sha256")
        .update(readFileSync(new URL(file, FONTS)))
        .digest("hex");
      expect(readFileSync(new URL("README.md", FONTS), "utf8")).toContain(
        `| \`${file}\` | \`${checksum}\` |`,
      );
    },
  );

  it("stand first in the font stack", () => {
    expect(FONT.stack.startsWith(FONT.family)).toBe(true);
  });
});

describe("fitText", () => {
  it("keeps what fits and cuts the rest with an ellipsis", () => {
    expect(fitText("abc", textWidth("abc", 10), 10)).toBe("abc");
    expect(fitText("abcd", textWidth("abc", 10), 10)).toBe("ab…");
    expect(fitText("abcd", 3, 10)).toBe("");
  });

  it("counts wide characters twice and combining marks not at all", () => {
    expect(textColumns("漢字")).toBe(4);
    expect(textColumns("e\u0301")).toBe(1);
  });

  it("never gives more than fits, and never half a surrogate pair", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 40 }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 8, max: 24 }),
        (text, width, size) => {
          const fitted = fitText(text, width, size);
          expect(textWidth(fitted, size)).toBeLessThanOrEqual(Math.max(width + 1e-3, 0));
          expect(/\p{Surrogate}/u.test(fitted)).toBe(/\p{Surrogate}/u.test(text) && fitted === text);
        },
      ),
    );
  });
});
