import type { ColorScheme } from "@episcope/records";
import type { ColorDepth } from "./color-depth.js";

/** The 16 colours by number, as xterm shows them; other terminals shade them a little differently. */
const SYSTEM = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000,
  0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
];

/**
 * The 16-colour form of the cell values: all different, near the classic palette where there is a near one
 * (orange is the dark yellow, maroon the dark red).
 */
const CELLS_16 = [0, 4, 9, 2, 11, 7, 13, 3, 14, 1, 15, 5, 10, 6, 12, 8];

/** The same for ARC-AGI-3, of whose five greys two have to be something else: digits tell them. */
const CELLS_16_ARC3 = [15, 7, 8, 6, 2, 0, 5, 13, 9, 12, 14, 11, 3, 1, 10, 4];

/** Writes colours as select-graphic-rendition sequences of ECMA-48, in the depth of the terminal. */
export class Ink {
  readonly depth: ColorDepth;
  /** "#rrggbb" by paint of `@episcope/drawing`; 0..15 are the cell values. */
  readonly #palette: readonly string[];
  readonly #nearest = new Map<number, number>();

  readonly #cells16: readonly number[];

  constructor(depth: ColorDepth, palette: readonly string[], scheme?: ColorScheme) {
    this.depth = depth;
    this.#cells16 = scheme === "arc3" ? CELLS_16_ARC3 : CELLS_16;
    this.#palette = palette;
  }

  /** Text in a paint; unchanged without colours. */
  paint(text: string, paint: number): string {
    if (this.depth === "none" || text === "") return text;
    return `\u001b[${this.#code(paint, false)}m${text}\u001b[39m`;
  }

  bold(text: string): string {
    return this.depth === "none" || text === "" ? text : `\u001b[1m${text}\u001b[22m`;
  }

  /** What the terminal shows as ordinary text, paler. */
  dim(text: string): string {
    return this.depth === "none" || text === "" ? text : `\u001b[2m${text}\u001b[22m`;
  }

  /** Sequence that sets ground and text colour; `null` = the terminal's own. */
  cell(ground: number | null, text: number | null): string {
    const codes = [
      ground === null ? "49" : this.#code(ground, true),
      text === null ? "39" : this.#code(text, false),
    ];
    return `\u001b[${codes.join(";")}m`;
  }

  /** Back to the terminal's own colours. */
  get reset(): string {
    return this.depth === "none" ? "" : "\u001b[0m";
  }

  #code(paint: number, ground: boolean): string {
    const color = Number.parseInt((this.#palette[paint] as string).slice(1), 16);
    if (this.depth === "truecolor") {
      return `${ground ? 48 : 38};2;${color >> 16};${(color >> 8) & 255};${color & 255}`;
    }
    if (this.depth === "256") return `${ground ? 48 : 38};5;${this.#of256(color)}`;
    const place = paint < 16 ? this.#cells16[paint]! : nearest(color, SYSTEM);
    const base = place < 8 ? 30 + place : 90 + place - 8;
    return String(ground ? base + 10 : base);
  }

  /** The nearest entry of the fixed part of the 256 colours: the cube and the greys, not the 16 that vary. */
  #of256(color: number): number {
    let place = this.#nearest.get(color);
    if (place === undefined) {
      place = 16 + nearest(color, FIXED);
      this.#nearest.set(color, place);
    }
    return place;
  }
}

/** Entries 16..255 of the 256 colours: a cube of 6 levels, then 24 greys. */
const FIXED: readonly number[] = Array.from({ length: 240 }, (_, i) => {
  if (i >= 216) return (8 + 10 * (i - 216)) * 0x010101;
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  return (level(Math.floor(i / 36)) << 16) | (level(Math.floor(i / 6) % 6) << 8) | level(i % 6);
});

function nearest(color: number, colors: readonly number[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  colors.forEach((other, place) => {
    let distance = 0;
    for (const shift of [16, 8, 0]) distance += (((color >> shift) & 255) - ((other >> shift) & 255)) ** 2;
    if (distance < least) {
      least = distance;
      best = place;
    }
  });
  return best;
}
