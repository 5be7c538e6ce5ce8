import type { Grid } from "@episcope/records";
import { type EpisodeSource, episodeLogHead } from "@episcope/records/store";
import { headEntries, stepDict } from "./episode-dict.js";
import { OP } from "./opcodes.js";
import { PickleWriter } from "./pickle-writer.js";

/** Version of the layout; the README describes it. */
export const PICKLE_EPISODE_VERSION = 1;

/** Bytes that are handed on at once. */
const PIECE_BYTES = 256 * 1024;

/** An episode as one pickled dict, piece by piece: no piece is much larger than a step. */
export function* encodeEpisode(episode: EpisodeSource, configHash: string): Generator<Uint8Array> {
  const grids = startGrids(episode);
  const writer = new PickleWriter();
  writer.start();
  writer.op(OP.emptyDict);
  writer.op(OP.mark);
  writer.text("format");
  writer.value("episcope-episode");
  writer.text("version");
  writer.value(PICKLE_EPISODE_VERSION);
  for (const [name, value] of headEntries(episodeLogHead(episode, configHash), grids)) {
    writer.text(name);
    writer.value(value);
  }
  writer.text("steps");
  writer.op(OP.emptyList);
  writer.op(OP.mark);
  let before = grids.initial;
  for (const record of episode.records()) {
    if (record.type !== "step") continue;
    writer.value(stepDict(record, record.before ?? before));
    before = record.after;
    if (writer.length >= PIECE_BYTES) yield writer.take();
  }
  writer.op(OP.appends);
  writer.op(OP.setItems);
  writer.op(OP.stop);
  yield writer.take();
}

function startGrids(episode: EpisodeSource): {
  initial: Grid | null;
  input: Grid | null;
  target: Grid | null;
} {
  for (const record of episode.records()) {
    if (record.type === "episode-start") {
      return { initial: record.initial, input: record.input ?? null, target: record.target };
    }
  }
  return { initial: null, input: null, target: null };
}
