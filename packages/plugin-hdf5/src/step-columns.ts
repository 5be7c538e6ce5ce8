import { type Action, type Grid, operationName, type StepRecord, type StepView } from "@episcope/records";
import {
  type Column,
  type CompressionLevel,
  type NumberArray,
  NumberColumn,
  type NumberColumnOptions,
  TextColumn,
} from "./columns.js";
import { GRID_CHUNK_STEPS, metricDatasetName, PADDING, SELECTION_KINDS, UNUSED } from "./layout.js";
import type { Hdf5Group } from "./library.js";
import { infoText, jsonText, type Survey } from "./survey.js";

/** Opens the datasets of the group `steps` and returns how a step is added to them. */
export function createStepColumns(
  group: Hdf5Group,
  metricsGroup: Hdf5Group,
  survey: Survey,
  level: CompressionLevel,
): { add(record: StepRecord, view: StepView): void; finish(): void } {
  const own = new ColumnSet(group, level);
  const step = own.ints("step");
  const time = own.floats("time");
  const grids = (["before", "after"] as const).map((name) => ({
    name,
    cells: own.bytes(name, PADDING, survey.maxShape),
    shape: own.ints(`${name}_shape`, [2]),
    valid: survey.masked ? own.bytes(`${name}_valid`, 0, survey.maxShape) : null,
  }));
  const wide = (name: string, shape: readonly number[] = [], fill = 0) =>
    survey.isWide ? own.floats(name, shape, fill) : own.ints(name, shape, fill);
  const masked = survey.stepMasks === "some" ? own.flags("masked") : null;
  const operation = wide("operation");
  const name = own.texts("operation_name", survey.nameBytes);
  const nameJson = survey.hasOddNames ? own.texts("operation_name_json", survey.nameJsonBytes) : null;
  const selection = own.bytes("selection", 0, survey.maxShape);
  const selectionKind = own.flags("selection_kind");
  const selectionRaw = wide("selection_raw", [4], UNUSED);
  const reward = own.floats("reward");
  const similarity = own.floats("similarity");
  const similarityGiven = survey.similarities === "some" ? own.flags("similarity_given") : null;
  const success = own.flags("success");
  const terminated = own.flags("terminated");
  const truncated = own.flags("truncated");
  const info = own.texts("info_json", survey.infoBytes);
  const state = survey.hasState ? own.texts("state_json", survey.stateBytes) : null;
  const metricNames = new Set(survey.metrics);
  const ofMetrics = new ColumnSet(metricsGroup, level);
  const metrics = survey.metrics.map((metric) => ({
    metric,
    column: ofMetrics.floats(metricDatasetName(metric)),
  }));

  return {
    add(record, view) {
      step.push(record.step);
      time.push(record.time);
      for (const { name: which, cells, shape, valid } of grids) {
        const grid = view[which];
        layInto(cells.next(), grid.data, grid.shape, survey.maxShape);
        shape.next().set(grid.shape);
        if (valid !== null) layInto(valid.next(), realCells(grid), grid.shape, survey.maxShape);
      }
      masked?.push(Number(view.before.mask !== undefined) + 2 * Number(view.after.mask !== undefined));
      operation.push(record.action.operation);
      name.push(operationName(record.action));
      nameJson?.push(jsonText(operationName(record.action)));
      const selected = selection.next();
      if (view.selection !== null) layInto(selected, view.selection, view.before.shape, survey.maxShape);
      selectionKind.push(SELECTION_KINDS.indexOf(record.action.selection?.kind ?? "none"));
      selectionRaw.next().set(rawSelection(record.action));
      reward.push(record.reward);
      similarity.push(view.similarity ?? Number.NaN);
      similarityGiven?.push(Number(record.info.similarity !== undefined));
      success.push(record.info.success === undefined ? -1 : Number(record.info.success));
      terminated.push(Number(record.terminated));
      truncated.push(Number(record.truncated));
      info.push(infoText(record, metricNames));
      state?.push(record.state === undefined ? "" : jsonText(record.state));
      for (const { metric, column } of metrics) column.push(metricOf(record, metric));
    },
    finish() {
      own.finish();
      ofMetrics.finish();
    },
  };
}

/** The columns of one group, by kind; they are finished together, in the order in which they were opened. */
class ColumnSet {
  readonly #group: Hdf5Group;
  readonly #level: CompressionLevel;
  readonly #columns: Column[] = [];

  constructor(group: Hdf5Group, level: CompressionLevel) {
    this.#group = group;
    this.#level = level;
  }

  /** Cells of grids, a row for each step. */
  bytes(name: string, fill: number, rowShape: readonly number[]): NumberColumn<Uint8Array> {
    return this.#numbers(name, { array: Uint8Array, rowShape, fill, rowsPerChunk: GRID_CHUNK_STEPS });
  }

  ints(name: string, rowShape: readonly number[] = [], fill = 0): NumberColumn<Int32Array> {
    return this.#numbers(name, { array: Int32Array, rowShape, fill });
  }

  /** 0 and 1; -1 for what is not known. */
  flags(name: string): NumberColumn<Int8Array> {
    return this.#numbers(name, { array: Int8Array });
  }

  floats(name: string, rowShape: readonly number[] = [], fill = Number.NaN): NumberColumn<Float64Array> {
    return this.#numbers(name, { array: Float64Array, rowShape, fill });
  }

  texts(name: string, bytes: number): TextColumn {
    return this.#own(new TextColumn(this.#group, name, this.#level, bytes));
  }

  finish(): void {
    for (const column of this.#columns) column.finish();
  }

  #numbers<A extends NumberArray>(name: string, options: NumberColumnOptions<A>): NumberColumn<A> {
    return this.#own(new NumberColumn(this.#group, name, this.#level, options));
  }

  #own<C extends Column>(column: C): C {
    this.#columns.push(column);
    return column;
  }
}

/** 1 for each cell that is not padding. */
export function realCells({ data, mask }: Grid): Uint8Array {
  return mask === undefined ? new Uint8Array(data.length).fill(1) : mask.map((cell) => (cell === 0 ? 0 : 1));
}

/** Copies rows of a grid's shape to the top left of a row of the largest shape. */
export function layInto(
  target: Uint8Array,
  data: Uint8Array,
  [rows, columns]: Grid["shape"],
  [, width]: readonly [number, number],
): void {
  if (columns === width) {
    target.set(data);
    return;
  }
  for (let r = 0; r < rows; r++) target.set(data.subarray(r * columns, (r + 1) * columns), r * width);
}

function rawSelection({ selection }: Action): readonly number[] {
  if (selection === undefined || selection.kind === "mask") return [];
  return selection.kind === "point" ? selection.point : selection.bbox;
}

function metricOf({ info: { metrics } }: StepRecord, name: string): number {
  return metrics !== undefined && Object.hasOwn(metrics, name) ? metrics[name]! : Number.NaN;
}
