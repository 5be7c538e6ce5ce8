import { describe, expect, it } from "vitest";
import {
  closestPair,
  colorDistance,
  contrastRatio,
  createPalette,
  labOf,
  ROLE,
  VISIONS,
} from "../src/index.js";

const SCHEMES = ["default", "arcprize", "arc3", "colorblind", "high_contrast"] as const;
const THEMES = ["light", "dark"] as const;

function cellsOf(scheme: (typeof SCHEMES)[number]): string[] {
  return createPalette(scheme).colors.slice(0, 10);
}

function worstOf(scheme: (typeof SCHEMES)[number]): number {
  return Math.min(...VISIONS.map((vision) => closestPair(cellsOf(scheme), vision).distance));
}

function hueOf(color: string): number {
  const [, a, b] = labOf(color);
  return ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
}

describe("the colour distances", () => {
  it("know published values: white against black is 100, and the classic palette's worst pair is 8.4", () => {
    expect(colorDistance("#ffffff", "#000000")).toBeCloseTo(100, 1);
    expect(closestPair(cellsOf("default"))).toMatchObject({ pair: [5, 8] });
    expect(closestPair(cellsOf("default")).distance).toBeCloseTo(34.4, 1);
    const worst = closestPair(cellsOf("default"), "protanopia");
    expect(worst.pair).toEqual([1, 6]);
    expect(worst.distance).toBeCloseTo(8.4, 1);
  });
});

describe("the default scheme", () => {
  it("has the colours of the official ARC interface", () => {
    expect(cellsOf("default").join(" ")).toBe(
      "#000000 #0074d9 #ff4136 #2ecc40 #ffdc00 #aaaaaa #f012be #ff851b #7fdbff #870c25",
    );
  });
});

describe("the colorblind scheme", () => {
  it.each(VISIONS)("keeps any two colours 25 apart for %s vision", (vision) => {
    expect(closestPair(cellsOf("colorblind"), vision).distance).toBeGreaterThan(25);
  });

  it("is more than twice as far apart as the classic palette for the worst vision", () => {
    expect(worstOf("colorblind")).toBeGreaterThanOrEqual(2 * worstOf("default"));
  });

  it("keeps the hue families, so that a red is called red", () => {
    const classic = cellsOf("default");
    const safe = cellsOf("colorblind");
    for (const value of [1, 2, 3, 4, 6, 7, 8, 9]) {
      const apart = Math.abs(hueOf(classic[value]!) - hueOf(safe[value]!));
      expect(Math.min(apart, 360 - apart), `value ${value}`).toBeLessThan(25);
    }
    const [, a, b] = labOf(safe[5]!);
    expect(Math.hypot(a, b), "grey has no hue").toBeLessThan(5);
    expect(labOf(safe[9]!)[0], "brown is dark").toBeLessThan(40);
  });

  it("carries digits as a second channel, as high_contrast does", () => {
    expect(SCHEMES.map((scheme) => createPalette(scheme).digits)).toEqual([false, false, false, true, true]);
  });
});

describe("the schemes of today's ARC sites", () => {
  it("are theirs to the letter", () => {
    expect(cellsOf("arcprize").join(" ")).toBe(
      "#000000 #1e93ff #f93c31 #4fcc30 #ffdc00 #999999 #e53aa3 #ff851b #87d8f1 #921231",
    );
    expect(createPalette("arc3").colors.slice(0, 16).join(" ")).toBe(
      "#ffffff #cccccc #999999 #666666 #333333 #000000 #e53aa3 #ff7bcc #f93c31 #1e93ff #88d8f1 #ffdc00 #ff851b #921231 #4fcc30 #a356d6",
    );
  });
});

describe("the lines between cells", () => {
  it.each(["default", "arcprize", "colorblind", "high_contrast"] as const)(
    "show on each of the ten colours of %s, and shout on none but the brightest",
    (scheme) => {
      const line = createPalette(scheme).colors[ROLE.gridLine]!;
      for (const color of cellsOf(scheme)) {
        const contrast = contrastRatio(line, color);
        expect(contrast, color).toBeGreaterThanOrEqual(1.15);
        expect(contrast, color).toBeLessThan(6.5);
      }
    },
  );
});

const GROUNDS = SCHEMES.flatMap((scheme) => THEMES.map((theme) => ({ scheme, theme })));

describe.each(GROUNDS)("text in the scheme $scheme on a $theme ground", ({ scheme, theme }) => {
  const { colors, ink } = createPalette(scheme, theme);

  it.each(["text", "muted", "positive", "negative", "reward", "similarity", "accent"] as const)(
    "has WCAG contrast 4.5:1 as %s",
    (role) => {
      expect(contrastRatio(colors[ROLE[role]]!, colors[ROLE.page]!)).toBeGreaterThanOrEqual(4.5);
      expect(contrastRatio(colors[ROLE[role]]!, colors[ROLE.panel]!)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it("has digits and marks with contrast 4.5:1 on every cell colour", () => {
    for (let value = 0; value < 16; value++) {
      expect(contrastRatio(colors[value]!, colors[ink[value]!]!), `value ${value}`).toBeGreaterThanOrEqual(
        4.5,
      );
    }
  });

  it("takes for each cell colour the ink that contrasts more", () => {
    const better = colors.slice(0, 16).map((color) => {
      const [dark, light] = [ROLE.markDark, ROLE.markLight].map((role) =>
        contrastRatio(color, colors[role]!),
      );
      return dark! >= light! ? ROLE.markDark : ROLE.markLight;
    });
    expect(ink).toEqual(better);
  });

  it("gives every paint a colour", () => {
    for (const color of colors) expect(color).toMatch(/^#[0-9a-f]{6}$/);
  });
});
