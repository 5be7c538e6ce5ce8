import type { Action, PlainValue, Selection, StepInfo, StepRecord } from "@episcope/records";
import { CellBuffer, type Grid, isObject, isSide, MAX_SIDE, REFUSED_KEYS } from "@episcope/records";
import type { StepInput } from "./step-input.js";

/** Bytes with a bit above the largest cell value, 15; four at a time. */
const TOO_LARGE = 0xf0f0f0f0;
/** The last `before`, the last `after`, and the step in hand. */
const SLOTS = 3;

/** Memory for the arrays of one step. */
class StepSlot {
  readonly #cells = new CellBuffer();
  readonly #selected = new CellBuffer();
  #grid: Grid | null = null;
  #selection: (Selection & { readonly kind: "mask" }) | null = null;

  /** A copy of the cells; null if some are no cells. */
  grid(rows: number, columns: number, data: Uint8Array): Grid | null {
    this.#cells.load(data);
    const { bytes, words } = this.#cells;
    const end = (data.length + 3) >> 2;
    let bits = 0;
    for (let word = 0; word < end; word++) bits |= words[word]!;
    if ((bits & TOO_LARGE) !== 0) {
      // A smaller grid would find what is left of this one in its last word.
      bytes.fill(0);
      return null;
    }
    const last = this.#grid;
    const fits = last !== null && last.shape[0] === rows && last.shape[1] === columns;
    if (fits && last.data.buffer === bytes.buffer) return last;
    this.#grid = { shape: [rows, columns], data: bytes.subarray(0, data.length) };
    return this.#grid;
  }

  selection(mask: Uint8Array): Selection {
    this.#selected.load(mask);
    const { bytes } = this.#selected;
    const last = this.#selection;
    if (last !== null && last.mask.length === mask.length && last.mask.buffer === bytes.buffer) return last;
    this.#selection = { kind: "mask", mask: bytes.subarray(0, mask.length) };
    return this.#selection;
  }
}

/**
 * Reads the steps of one episode without allocating: what is given is checked and copied
 * into memory that later steps use again. It knows the usual form of a step only; for any other, or a wrong one, it returns
 * null, and `parseRecord` decides.
 */
export class StepIntake {
  readonly #slots: readonly StepSlot[] = Array.from({ length: SLOTS }, () => new StepSlot());
  #next = 0;

  /** The grids and the selection of the record are borrowed: they hold until two more steps were kept. */
  read(episode: string, step: number, seq: number, time: number, input: StepInput): StepRecord | null {
    const { action, after, reward, info, before, terminated, truncated, state } = input;
    if (before !== undefined || state !== undefined || typeof reward !== "number") return null;
    const isTerminated = terminated ?? false;
    const isTruncated = truncated ?? false;
    if (typeof isTerminated !== "boolean" || typeof isTruncated !== "boolean") return null;
    const slot = this.#slots[this.#next]!;
    const grid = readGrid(slot, after);
    if (grid === null) return null;
    const ownAction = readAction(slot, action);
    if (ownAction === null) return null;
    const ownInfo = info === undefined ? {} : readInfo(info);
    if (ownInfo === null) return null;
    return {
      type: "step",
      seq,
      episode,
      step,
      time,
      action: ownAction,
      after: grid,
      reward,
      terminated: isTerminated,
      truncated: isTruncated,
      info: ownInfo,
    };
  }

  /** The record that was read last is part of the episode: its memory is not used for the next. */
  keep(): void {
    this.#next = (this.#next + 1) % SLOTS;
  }
}

function readGrid(slot: StepSlot, grid: Grid): Grid | null {
  if (typeof grid !== "object" || grid === null) return null;
  for (const field in grid) if (field !== "shape" && field !== "data") return null;
  const { shape, data } = grid;
  if (!Array.isArray(shape) || shape.length !== 2 || !(data instanceof Uint8Array)) return null;
  const [rows, columns] = shape as readonly unknown[];
  if (!isSide(rows) || !isSide(columns) || data.length !== rows * columns) return null;
  return slot.grid(rows, columns, data);
}

function readAction(slot: StepSlot, action: Action): Action | null {
  if (typeof action !== "object" || action === null) return null;
  for (const field in action) if (field !== "operation" && field !== "selection") return null;
  const { operation, selection } = action;
  if (!Number.isSafeInteger(operation)) return null;
  if (selection === undefined) return { operation };
  if (typeof selection !== "object" || selection === null || selection.kind !== "mask") return null;
  for (const field in selection) if (field !== "kind" && field !== "mask") return null;
  const { mask } = selection;
  if (!(mask instanceof Uint8Array) || mask.length > MAX_SIDE * MAX_SIDE) return null;
  return { operation, selection: slot.selection(mask) };
}

/** An `info` of flat members, but for `metrics`. */
function readInfo(info: StepInfo): StepInfo | null {
  if (!isObject(info)) return null;
  const copy: { [key: string]: PlainValue } = {};
  for (const key in info) {
    if (REFUSED_KEYS.has(key) || !Object.hasOwn(info, key)) return null;
    const value = info[key];
    if (key === "metrics") {
      const metrics = readMetrics(value);
      if (metrics === null) return null;
      copy[key] = metrics;
      continue;
    }
    const type = typeof value;
    if (type !== "number" && type !== "boolean" && type !== "string") return null;
    if (key === "similarity" && type !== "number") return null;
    if (key === "success" && type !== "boolean") return null;
    copy[key] = value as PlainValue;
  }
  return copy as StepInfo;
}

function readMetrics(metrics: unknown): { [name: string]: number } | null {
  if (!isObject(metrics)) return null;
  const copy: { [name: string]: number } = {};
  for (const name in metrics) {
    if (REFUSED_KEYS.has(name) || !Object.hasOwn(metrics, name)) return null;
    const value = metrics[name];
    if (typeof value !== "number") return null;
    copy[name] = value;
  }
  return copy;
}
