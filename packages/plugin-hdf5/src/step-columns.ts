import { type Action, type Grid, operationName, type StepRecord, type StepView } from "@episcope/records";
import { type Column, type CompressionLevel, NumberColumn, TextColumn } from "./columns.js";
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
  const columns: Column[] = [];
  const own = <C extends Column>(column: C): C => {
    columns.push(column);
    return column;
  };
  const bytes = (name: string, fill: number, rowShape: readonly number[]): NumberColumn<Uint8Array> =>
    own(
      new NumberColumn(group, name, level, {
        array: Uint8Array,
        rowShape,
        fill,
        rowsPerChunk: GRID_CHUNK_STEPS,
      }),
    );
  const ints = (name: string, rowShape: readonly number[] = [], fill = 0): NumberColumn<Int32Array> =>
    own(new NumberColumn(group, name, level, { array: Int32Array, rowShape, fill }));
  const flags = (name: string): NumberColumn<Int8Array> =>
    own(new NumberColumn(group, name, level, { array: Int8Array }));
  const floats = (name: string, into: Hdf5Group = group): NumberColumn<Float64Array> =>
    own(new NumberColumn(into, name, level, { array: Float64Array, fill: Number.NaN }));

  const step = ints("step");
  const time = floats("time");
  const grids = (["before", "after"] as const).map((name) => ({
    name,
    cells: bytes(name, PADDING, survey.maxShape),
    shape: ints(`${name}_shape`, [2]),
    valid: survey.masked ? bytes(`${name}_valid`, 0, survey.maxShape) : null,
  }));
  const operation = ints("operation");
  const name = own(new TextColumn(group, "operation_name", level, survey.nameBytes));
  const selection = bytes("selection", 0, survey.maxShape);
  const selectionKind = flags("selection_kind");
  const selectionRaw = ints("selection_raw", [4], UNUSED);
  const reward = floats("reward");
  const similarity = floats("similarity");
  const success = flags("success");
  const terminated = flags("terminated");
  const truncated = flags("truncated");
  const info = own(new TextColumn(group, "info_json", level, survey.infoBytes));
  const state = survey.hasState ? own(new TextColumn(group, "state_json", level, survey.stateBytes)) : null;
  const metricNames = new Set(survey.metrics);
  const metrics = survey.metrics.map((metric) => ({
    metric,
    column: floats(metricDatasetName(metric), metricsGroup),
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
      operation.push(record.action.operation);
      name.push(operationName(record.action));
      const selected = selection.next();
      if (view.selection !== null) layInto(selected, view.selection, view.before.shape, survey.maxShape);
      selectionKind.push(SELECTION_KINDS.indexOf(record.action.selection?.kind ?? "none"));
      selectionRaw.next().set(rawSelection(record.action));
      reward.push(record.reward);
      similarity.push(view.similarity ?? Number.NaN);
      success.push(record.info.success === undefined ? -1 : Number(record.info.success));
      terminated.push(Number(record.terminated));
      truncated.push(Number(record.truncated));
      info.push(infoText(record, metricNames));
      state?.push(record.state === undefined ? "" : jsonText(record.state));
      for (const { metric, column } of metrics) column.push(metricOf(record, metric));
    },
    finish() {
      for (const column of columns) column.finish();
    },
  };
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
