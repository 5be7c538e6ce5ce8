import { gridInvalid } from "../record/errors.js";
import type { EpisodeMode, PlainObject } from "../record/record.js";
import type { CheckedColumns } from "./check-columns.js";
import type { CheckedStart } from "./check-starts.js";
import type { Environment } from "./environment.js";
import { GridBuffer } from "./grid-buffer.js";
import { PaddedGrids } from "./padded-grids.js";
import type { Problem } from "./refusals.js";

const NAMES = { initial: "start_grid", target: "start_target", input: "start_input" } as const;

/** The start at hand. Its grids hold until the next. */
export class StartRow {
  task = "";
  pair = 0;
  mode: EpisodeMode = "train";
  meta: PlainObject = {};
  initial: GridBuffer = new GridBuffer();
  /** Null: hidden. */
  target: GridBuffer | null = null;
  input: GridBuffer | null = null;

  readonly #grids: { readonly [Name in keyof typeof NAMES]: PaddedGrids | null };
  readonly #target = new GridBuffer();
  readonly #input = new GridBuffer();

  /** @internal */
  constructor({ sizes, starts }: CheckedColumns) {
    const padded = (bytes: Uint8Array | null): PaddedGrids | null =>
      bytes === null ? null : new PaddedGrids(bytes, sizes.height, sizes.width);
    this.#grids = {
      initial: padded(starts.initial),
      target: padded(starts.target),
      input: padded(starts.input),
    };
  }

  /** @internal Reads a start; its grid goes to `after` of the environment. Returns what is wrong with it, or null. */
  read({ index, task, pair, mode, meta }: CheckedStart, environment: Environment): Problem | null {
    this.task = task;
    this.pair = pair;
    this.mode = mode;
    this.meta = meta;
    this.initial = environment.after;
    if (!this.#cut("initial", index, environment.after)) return this.#problem("initial", index);
    const target = this.#cut("target", index, this.#target);
    const input = this.#cut("input", index, this.#input);
    if (target === null) return this.#problem("target", index);
    if (input === null) return this.#problem("input", index);
    this.target = target ? this.#target : null;
    this.input = input ? this.#input : null;
    return null;
  }

  /** Whether there is a grid; null if it is none that can be read. */
  #cut(name: keyof typeof NAMES, index: number, into: GridBuffer): boolean | null {
    const content = this.#grids[name]?.read(index, into, into) ?? "nothing";
    return content === "invalid" ? null : content === "grid";
  }

  #problem(name: keyof typeof NAMES, index: number): Problem {
    const describe = () => gridInvalid(this.#grids[name]!.problem(index), `${NAMES[name]}[${index}]`);
    return { code: "GRID_INVALID", describe };
  }
}
