import { EpisodeProgress, type Grid } from "@episcope/records";
import type { EpisodeSource } from "@episcope/records/store";
import type { CompressionLevel } from "./columns.js";
import { LAYOUT_VERSION, PADDING, SELECTION_KINDS, UNUSED } from "./layout.js";
import type { Hdf5File, Hdf5Group } from "./library.js";
import { createStepColumns, layInto, realCells } from "./step-columns.js";
import { isPlainText, jsonText, type Survey } from "./survey.js";

export interface EpisodeFileOptions {
  readonly level: CompressionLevel;
  readonly run: string;
  readonly configHash: string;
}

/** Writes an episode into an open, empty file. Reads the source once, a step at a time. */
export function writeEpisode(
  file: Hdf5File,
  episode: EpisodeSource,
  survey: Survey,
  options: EpisodeFileOptions,
): void {
  const { start } = survey;
  const progress = new EpisodeProgress(start, episode.number);
  for (const [name, grid] of [
    ["initial", start.initial],
    ["input", start.input ?? null],
    ["target", start.target],
  ] as const) {
    if (grid !== null) writeGrid(file, name, grid, survey.maxShape);
  }
  file.create_dataset({ name: "meta_json", data: jsonText(start.meta), shape: [], dtype: "S" });
  const steps = file.create_group("steps");
  const columns = createStepColumns(steps, file.create_group("metrics"), survey, options.level);
  for (const record of episode.records()) {
    if (record.type === "step") columns.add(record, progress.step(record));
  }
  columns.finish();
  // What a reader needs to tell apart what was recorded and what was filled in.
  steps.create_attribute("similarity_given", survey.similarities, null, "S");
  steps.create_attribute("masked", survey.stepMasks, null, "S");
  steps.create_attribute("selection_kinds", [...SELECTION_KINDS]);
  steps.create_attribute("selection_unused", UNUSED, null, "<i");
  writeAttributes(file, episode.number, survey, progress, options);
}

function writeGrid(group: Hdf5Group, name: string, grid: Grid, maxShape: readonly [number, number]): void {
  const data = new Uint8Array(maxShape[0] * maxShape[1]).fill(PADDING);
  layInto(data, grid.data, grid.shape, maxShape);
  const dataset = group.create_dataset({ name, data, shape: [...maxShape], dtype: "<B" });
  dataset.create_attribute("shape", [...grid.shape], null, "<i");
  if (grid.mask === undefined) return;
  const valid = new Uint8Array(data.length);
  layInto(valid, realCells(grid), grid.shape, maxShape);
  group.create_dataset({ name: `${name}_valid`, data: valid, shape: [...maxShape], dtype: "<B" });
}

function writeAttributes(
  file: Hdf5File,
  number: number,
  { start, end, isWide }: Survey,
  progress: EpisodeProgress,
  options: EpisodeFileOptions,
): void {
  const totals = end?.totals ?? progress.totals;
  const text = (name: string, value: string): void => {
    file.create_attribute(name, value, null, "S");
    if (!isPlainText(value)) file.create_attribute(`${name}_json`, jsonText(value), null, "S");
  };
  const int = (name: string, value: number): void => file.create_attribute(name, value, null, "<i");
  const float = (name: string, value: number | null): void =>
    file.create_attribute(name, value ?? Number.NaN, null, "<d");
  text("format", "episcope-episode");
  int("format_version", LAYOUT_VERSION);
  int("padding_value", PADDING);
  text("run", options.run);
  text("config_hash", options.configHash);
  int("episode_number", number);
  text("episode", start.episode);
  text("task_id", start.task_id);
  if (isWide) float("pair_index", start.pair_index);
  else int("pair_index", start.pair_index);
  text("mode", start.mode);
  text("outcome", end?.outcome ?? "crashed");
  int("steps", totals.steps);
  float("reward", totals.reward);
  float("initial_similarity", progress.initialSimilarity);
  float("final_similarity", totals.final_similarity);
  float("best_similarity", totals.best_similarity);
  float("start_time", start.time);
  float("end_time", end?.time ?? null);
}
