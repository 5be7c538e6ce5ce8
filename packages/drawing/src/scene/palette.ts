import type { ColorScheme } from "@episcope/records";
import { PALETTE_SIZE, type Paint, ROLE } from "./scene.js";

/** Colours of the cell values 0..9, in one scheme of all sixteen. */
const CELLS: { readonly [scheme in ColorScheme]: readonly string[] } = {
  /** The colours of the official ARC testing interface of 2019. */
  default: [
    "#000000",
    "#0074d9",
    "#ff4136",
    "#2ecc40",
    "#ffdc00",
    "#aaaaaa",
    "#f012be",
    "#ff851b",
    "#7fdbff",
    "#870c25",
  ],
  /** Those of arcprize.org and its tools today, for ARC-AGI-1 and 2. */
  arcprize: [
    "#000000",
    "#1e93ff",
    "#f93c31",
    "#4fcc30",
    "#ffdc00",
    "#999999",
    "#e53aa3",
    "#ff851b",
    "#87d8f1",
    "#921231",
  ],
  /** All sixteen of ARC-AGI-3, whose first values are greys from white to black. */
  arc3: [
    "#ffffff",
    "#cccccc",
    "#999999",
    "#666666",
    "#333333",
    "#000000",
    "#e53aa3",
    "#ff7bcc",
    "#f93c31",
    "#1e93ff",
    "#88d8f1",
    "#ffdc00",
    "#ff851b",
    "#921231",
    "#4fcc30",
    "#a356d6",
  ],
  /** Found by `tools/palette/optimise.mjs`: at least 25.5 in CIELAB between any two for each kind of vision. */
  colorblind: [
    "#000000",
    "#0d81f4",
    "#de3230",
    "#1ee66f",
    "#ffe61d",
    "#a6a7a6",
    "#cb0ba2",
    "#ef8303",
    "#b0e0fb",
    "#94142e",
  ],
  high_contrast: [
    "#000000",
    "#0000ff",
    "#ff0000",
    "#00d000",
    "#ffff00",
    "#a0a0a0",
    "#ff00ff",
    "#ff9000",
    "#00ffff",
    "#800000",
  ],
};

/** Values 10..15 in the schemes that have ten: they stand apart from the ten by being pale or deep and get a digit anyway. */
const EXTRA_CELLS = ["#ffffff", "#6b4fa0", "#b5e48c", "#1b4d3e", "#ffc8dd", "#5c677d"] as const;

type RoleColors = { readonly [role in keyof typeof ROLE]: string };

const CALM: RoleColors = {
  page: "#ffffff",
  panel: "#f3f5f7",
  border: "#c9ced4",
  text: "#1b222a",
  muted: "#566069",
  // Between the dark red and the blue: it shows on each of the ten, and shouts on none.
  gridLine: "#575b5f",
  padding: "#e4e7ea",
  markDark: "#000000",
  markLight: "#ffffff",
  positive: "#0b6e3a",
  negative: "#b3261e",
  reward: "#1f5fa8",
  rewardPale: "#c9dcf1",
  similarity: "#0f7a52",
  similarityPale: "#c6e6d8",
  accent: "#a8480a",
  tick: "#dde1e5",
};

const ARCPRIZE_ROLES: RoleColors = { ...CALM, gridLine: "#62666a" };

/** Signs and curves in blue, orange and violet, whose lightness differs too. */
const COLORBLIND_ROLES: RoleColors = {
  ...CALM,
  positive: "#0b5394",
  negative: "#a33b00",
  similarity: "#6a3d9a",
  similarityPale: "#ddd0ec",
};

const HIGH_CONTRAST_ROLES: RoleColors = {
  ...CALM,
  panel: "#ffffff",
  border: "#000000",
  text: "#000000",
  muted: "#303030",
  gridLine: "#5a5a5a",
  padding: "#d0d0d0",
  positive: "#00531f",
  negative: "#8f0000",
  reward: "#0000b0",
  rewardPale: "#b8c8ff",
  similarity: "#005c2e",
  similarityPale: "#a8e0c0",
  accent: "#7a2c00",
  tick: "#b8b8b8",
};

/** What a dark ground changes in each scheme; cells, marks and lines between cells stay. */
const DARK: Partial<RoleColors> = {
  page: "#14181c",
  panel: "#1e242a",
  border: "#3a434c",
  text: "#e6e9ec",
  muted: "#a3adb6",
  padding: "#2b3239",
  positive: "#5fd39a",
  negative: "#ff8a80",
  reward: "#8ab8f0",
  rewardPale: "#24405f",
  similarity: "#5fd39a",
  similarityPale: "#1d4a38",
  accent: "#f0a868",
  tick: "#2c343c",
};

const DARK_ROLES: { readonly [scheme in ColorScheme]: Partial<RoleColors> } = {
  default: DARK,
  arcprize: DARK,
  arc3: DARK,
  colorblind: {
    ...DARK,
    positive: "#8ab8f0",
    negative: "#ffb07a",
    similarity: "#c3a6f0",
    similarityPale: "#44305f",
  },
  high_contrast: {
    ...DARK,
    page: "#000000",
    panel: "#000000",
    border: "#ffffff",
    text: "#ffffff",
    muted: "#d0d0d0",
  },
};

const ROLES: { readonly [scheme in ColorScheme]: RoleColors } = {
  default: CALM,
  arcprize: ARCPRIZE_ROLES,
  arc3: CALM,
  colorblind: COLORBLIND_ROLES,
  high_contrast: HIGH_CONTRAST_ROLES,
};

/** By cell value 0..15 whether dark or light ink contrasts more; a test computes it from the colours. */
const INKS: { readonly [scheme in ColorScheme]: string } = {
  default: "lldddddddldldldl",
  arcprize: "lddddddddldldldl",
  arc3: "dddllldddddddldd",
  colorblind: "ldddddlddldldldl",
  high_contrast: "lldddddddldldldl",
};

/** A colour scheme as scenes use it. */
export interface Palette {
  readonly scheme: ColorScheme;
  /** "#rrggbb" by `Paint`: what `Scene.palette` holds. */
  readonly colors: readonly string[];
  /** By cell value: `markDark` or `markLight`, whichever contrasts more. */
  readonly ink: readonly Paint[];
  /** Whether cells carry their digit as a second channel, where there is room for it. */
  readonly digits: boolean;
}

export function createPalette(scheme: ColorScheme, theme: "light" | "dark" = "light"): Palette {
  const colors = new Array<string>(PALETTE_SIZE);
  const cells = [...CELLS[scheme], ...EXTRA_CELLS].slice(0, 16);
  const roles: RoleColors = { ...ROLES[scheme], ...(theme === "dark" ? DARK_ROLES[scheme] : {}) };
  for (const [value, color] of cells.entries()) colors[value] = color;
  for (const [role, place] of Object.entries(ROLE)) colors[place] = roles[role as keyof RoleColors];
  const ink = Array.from(INKS[scheme], (letter) => (letter === "d" ? ROLE.markDark : ROLE.markLight));
  return { scheme, colors, ink, digits: scheme === "colorblind" || scheme === "high_contrast" };
}

/** WCAG 2 contrast ratio of two colours "#rrggbb", 1..21. */
export function contrastRatio(a: string, b: string): number {
  return contrast(relativeLuminance(a), relativeLuminance(b));
}

function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function relativeLuminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
