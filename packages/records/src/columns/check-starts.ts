import { MODES } from "../record/parse-record.js";
import { parseFreeObject } from "../record/plain.js";
import type { EpisodeMode, PlainObject } from "../record/record.js";
import { integersOf } from "./column-arrays.js";
import { describeColumn, sizeOf } from "./column-shapes.js";
import { stepsInvalid } from "./errors.js";
import type { ColumnSizes, EpisodeStarts } from "./step-columns.js";

/** The starts in the order of their records. */
export interface CheckedStarts {
  readonly list: readonly CheckedStart[];
  /** `[S, H, W]`, in the order in which they were given. */
  readonly initial: Uint8Array | null;
  readonly target: Uint8Array | null;
  readonly input: Uint8Array | null;
}

export interface CheckedStart {
  /** Its place in the grids of the starts. */
  readonly index: number;
  /** Row * N + column: the step before which it begins. */
  readonly place: number;
  readonly task: string;
  readonly pair: number;
  readonly mode: EpisodeMode;
  readonly key: string | null;
  readonly meta: PlainObject;
}

const NONE: CheckedStarts = { list: [], initial: null, target: null, input: null };

/** Throws STEPS_INVALID, or what a wrong `meta` throws. */
export function checkStarts(
  starts: EpisodeStarts | undefined,
  sizes: ColumnSizes,
  tasks: readonly string[],
): CheckedStarts {
  if (starts === undefined || starts === null) return NONE;
  if (typeof starts !== "object") throw stepsInvalid("starts", "they are no object of lists");
  const { rows, environments } = sizes;
  const count = sizes.starts;
  const t = integersOf("starts.t", starts.t, count);
  const env = integersOf("starts.env", starts.env, count);
  const task = integersOf("starts.task", starts.task, count);
  const pair = integersOf("starts.pair", starts.pair, count);
  const mode = list("mode", starts.mode, count);
  const key = list("key", starts.key, count);
  const meta = list("meta", starts.meta, count);
  const made = Array.from({ length: count }, (_, index): CheckedStart => {
    const at = (name: string): string => `starts.${name}[${index}]`;
    inRange(at("t"), t[index]!, rows, "rows, and one more for the end");
    inRange(at("env"), env[index]!, environments - 1, "columns");
    inRange(at("task"), task[index]!, tasks.length - 1, "tasks");
    const ownMode = mode?.[index] ?? "train";
    if (!MODES.includes(ownMode)) throw stepsInvalid(at("mode"), `it is not one of ${MODES.join(", ")}`);
    const ownKey = key?.[index] ?? null;
    if (ownKey !== null && typeof ownKey !== "string") throw stepsInvalid(at("key"), "it is no text");
    const ownMeta = meta?.[index];
    return {
      index,
      place: t[index]! * environments + env[index]!,
      task: tasks[task[index]!]!,
      pair: pair[index]!,
      mode: ownMode,
      key: ownKey,
      meta: parseFreeObject(ownMeta, at("meta"), { wire: false }),
    };
  });
  made.sort((a, b) => a.place - b.place);
  for (let at = 1; at < count; at++) {
    const { place, index } = made[at]!;
    if (place === made[at - 1]!.place)
      throw stepsInvalid(`starts.t[${index}]`, "another episode starts there in the same column");
  }
  return {
    list: made,
    initial: grids("start_grid", starts.initial, sizes, true),
    target: grids("start_target", starts.target, sizes, false),
    input: grids("start_input", starts.input, sizes, false),
  };
}

function list<Item>(
  name: string,
  values: readonly Item[] | undefined,
  count: number,
): readonly Item[] | undefined {
  if (values === undefined || values === null) return undefined;
  if (!Array.isArray(values) || values.length !== count)
    throw stepsInvalid(`starts.${name}`, `it is no list of ${count} entries, as many as 't' has`);
  return values;
}

function inRange(path: string, value: number, last: number, what: string): void {
  if (value < 0 || value > last) throw stepsInvalid(path, `${value} is not within 0..${last}, the ${what}`);
}

function grids(name: string, given: unknown, sizes: ColumnSizes, isNeeded: boolean): Uint8Array | null {
  if (given === undefined && (!isNeeded || sizes.starts === 0)) return null;
  const { shape } = describeColumn(name, sizes)!;
  if (!(given instanceof Uint8Array)) throw stepsInvalid(name, "it is missing, or no array of bytes");
  if (given.length === sizeOf(shape)) return given;
  throw stepsInvalid(
    name,
    `it has ${given.length} entries, the shape [${shape.join(", ")}] needs ${sizeOf(shape)}`,
  );
}
