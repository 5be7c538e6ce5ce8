import { cellAt, type EpisodeRecord, type Grid } from "@episcope/records";
import type { WrongCell } from "./analysis.js";

const MOST_CELLS = 12;

/** Counts, over the failures of one task, where the last grid differs from the target. */
export class WrongCells {
  readonly #counts = new Map<number, number>();

  /** `records` are an episode's. */
  add(records: Iterable<EpisodeRecord>): void {
    let target: Grid | null = null;
    let last: Grid | null = null;
    for (const record of records) {
      if (record.type === "episode-start") {
        target = record.target;
        last = record.initial;
        if (target === null) return;
      } else if (record.type === "step") last = record.after;
    }
    if (target === null || last === null) return;
    const rows = Math.max(target.shape[0], last.shape[0]);
    const columns = Math.max(target.shape[1], last.shape[1]);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (cellAt(target, row, column) === cellAt(last, row, column)) continue;
        const key = row * 64 + column;
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      }
    }
  }

  /** The most often wrong first. */
  finish(): WrongCell[] {
    return [...this.#counts]
      .sort(([a, times], [b, more]) => more - times || a - b)
      .slice(0, MOST_CELLS)
      .map(([key, episodes]) => ({ row: Math.floor(key / 64), column: key % 64, episodes }));
  }
}
