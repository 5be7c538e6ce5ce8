import { gridInvalid, recordInvalid } from "../record/errors.js";
import type { CheckedColumns } from "./check-columns.js";
import type { NumberColumn } from "./column-arrays.js";
import type { Environment } from "./environment.js";
import { GridBuffer } from "./grid-buffer.js";
import { PackedMasks } from "./packed-masks.js";
import { PaddedGrids } from "./padded-grids.js";
import type { Problem } from "./refusals.js";

/** The step at hand. Grids and mask hold until the next. */
export class StepRow {
  /** Its place in the columns `[T, N]`: row * N + column. */
  place = 0;
  /** Its number in the episode, from 0; refused steps are counted. */
  number = 0;
  operation = 0;
  reward = 0;
  terminated = false;
  truncated = false;
  /** NaN: not known to the producer. */
  similarity: number = Number.NaN;
  /** Null: not known to the producer. */
  success: boolean | null = null;
  priority = 0;
  after: GridBuffer = new GridBuffer();
  /** The grid before the step; without rows where it is not known. */
  before: GridBuffer = new GridBuffer();
  /** `before` is not the last `after` that was recorded: the record has to say it. */
  bringsBefore = false;
  /** Over `before`, 1 = selected; null where the selection is none or of another kind. */
  mask: Uint8Array | null = null;
  /** `[row, column]` or two corners; empty where the selection is none, or a mask. Used again by the next step. */
  readonly corners: number[] = [];

  readonly #columns: CheckedColumns;
  readonly #after: PaddedGrids;
  readonly #before: PaddedGrids | null;
  readonly #masks: PackedMasks | null;
  /** A `before` of the producer's. */
  readonly #given = new GridBuffer();
  /** Columns of 64-bit integers; what is beyond 2^53 in them is refused. */
  readonly #wide: readonly (readonly [name: string, column: NumberColumn])[];

  /** @internal */
  constructor(columns: CheckedColumns) {
    const { after, before, selection, reward, similarity, success, priority } = columns;
    const { height, width } = columns.sizes;
    this.#columns = columns;
    this.#after = new PaddedGrids(after, height, width);
    this.#before = before === null ? null : new PaddedGrids(before, height, width);
    this.#masks = selection?.kind === "mask" ? new PackedMasks(selection.packed, height, width) : null;
    this.#wide = Object.entries({ reward, similarity, success, priority }).flatMap(([name, column]) =>
      column !== null && column.exact !== null ? [[name, column] as const] : [],
    );
  }

  /**
   * @internal Reads the step at `place`, and moves the environment on to the grid after it. Returns what is wrong with the
   * step, or null; the environment moves on anyway if the grid after the step can be read.
   */
  read(place: number, environment: Environment): Problem | null {
    const { operation, reward, similarity, success, priority } = this.#columns;
    this.place = place;
    this.number = environment.steps++;
    const content = this.#after.read(place, environment.after, environment.before);
    if (content !== "grid") return this.#gridProblem(this.#after, "after");
    this.after = environment.after;
    this.before = environment.before;
    this.operation = operation.values[place]!;
    this.reward = reward.values[place]!;
    this.similarity = similarity === null ? Number.NaN : similarity.values[place]!;
    this.success = success === null ? null : known(success.values[place]!);
    this.priority = priority === null ? 0 : priority.values[place]!;
    const problem = this.#numberProblem() ?? this.#readBefore(environment) ?? this.#readSelection();
    environment.hasGap = problem !== null;
    environment.advance();
    return problem;
  }

  #readBefore(environment: Environment): Problem | null {
    this.bringsBefore = environment.hasGap;
    if (this.#before === null) return null;
    const content = this.#before.read(this.place, this.#given, environment.before);
    if (content === "invalid") return this.#gridProblem(this.#before, "before");
    if (content === "nothing") return null;
    this.bringsBefore ||= !this.#given.equals(environment.before);
    this.before = this.#given;
    return null;
  }

  #readSelection(): Problem | null {
    const { selection } = this.#columns;
    this.mask = null;
    if (this.corners.length > 0) this.corners.length = 0;
    if (selection === null) return null;
    if (selection.kind === "mask") {
      if (this.before.rows === 0) return this.#problem("before", "a mask needs the grid before the step");
      this.mask = this.#masks!.read(this.place, this.before);
      return null;
    }
    const { values } = selection.corners;
    const count = selection.kind === "point" ? 2 : 4;
    let isNone = false;
    for (let at = count * this.place; at < count * (this.place + 1); at++) {
      const corner = values[at]!;
      if (!Number.isSafeInteger(corner))
        return this.#problem(selection.kind, `${corner} is not an integer within 2^53`);
      if (corner < 0) isNone = true;
      this.corners.push(corner);
    }
    if (isNone) this.corners.length = 0;
    return null;
  }

  #numberProblem(): Problem | null {
    if (!Number.isSafeInteger(this.operation)) {
      const exact = this.#columns.operation.exact?.[this.place] ?? this.operation;
      return this.#problem("operation", `${exact} is not an integer within 2^53`);
    }
    for (const [name, { values, exact }] of this.#wide) {
      if (!Number.isSafeInteger(values[this.place]!))
        return this.#problem(name, `${exact![this.place]} is not within 2^53`);
    }
    return null;
  }

  #problem(name: string, problem: string): Problem {
    return { code: "RECORD_INVALID", describe: () => recordInvalid(this.#path(name), problem) };
  }

  #gridProblem(grids: PaddedGrids, name: string): Problem {
    const { place } = this;
    return { code: "GRID_INVALID", describe: () => gridInvalid(grids.problem(place), this.#path(name)) };
  }

  #path(name: string): string {
    const { environments } = this.#columns.sizes;
    return `${name}[${Math.floor(this.place / environments)}, ${this.place % environments}]`;
  }
}

function known(value: number): boolean | null {
  return Number.isNaN(value) ? null : value !== 0;
}
