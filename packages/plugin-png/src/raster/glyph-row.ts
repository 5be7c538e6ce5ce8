import { COVERAGE_STEPS } from "./index-palette.js";

/** The inked pixels of one line of a glyph, from the first to the last. Equal lines of all glyphs are one object. */
export interface GlyphRow {
  readonly id: number;
  /** Coverage of each pixel, 0 .. `COVERAGE_STEPS - 1`. */
  readonly steps: Uint8Array;
  /** The same as runs. */
  readonly runSteps: Uint8Array;
  readonly runCounts: Uint8Array;
  /** By step: how many pixels have it, and the sum of their distances from the row's end (the last pixel: 1). */
  readonly counts: Float64Array;
  readonly weights: Float64Array;
}

/** Makes rows, and finds those that it has made. */
export class GlyphRows {
  readonly rows: GlyphRow[] = [];
  private readonly ids = new Map<string, number>();

  of(steps: Uint8Array): GlyphRow {
    const key = steps.join("");
    const known = this.ids.get(key);
    if (known !== undefined) return this.rows[known]!;
    const runSteps: number[] = [];
    const runCounts: number[] = [];
    const counts = new Float64Array(COVERAGE_STEPS);
    const weights = new Float64Array(COVERAGE_STEPS);
    steps.forEach((step, at) => {
      counts[step]!++;
      weights[step]! += steps.length - at;
      if (at > 0 && steps[at - 1] === step) runCounts[runCounts.length - 1]!++;
      else {
        runSteps.push(step);
        runCounts.push(1);
      }
    });
    const row: GlyphRow = {
      id: this.rows.length,
      steps,
      runSteps: Uint8Array.from(runSteps),
      runCounts: Uint8Array.from(runCounts),
      counts,
      weights,
    };
    this.ids.set(key, row.id);
    this.rows.push(row);
    return row;
  }
}
