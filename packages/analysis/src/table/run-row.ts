import type { PlainObject, PlainValue } from "@episcope/records";
import { type FileSystem, isRunLocked, type RunReader } from "@episcope/records/store";

/**
 * - `live`: a process records into it.
 * - `complete`: closed, and every output has what it accepted.
 * - `incomplete`: closed, but an output lost something, or waits for it.
 * - `crashed`: not closed, and nobody records.
 */
export type RunState = "live" | "complete" | "incomplete" | "crashed";

/** A run as a row of a table: what the manifest and the first record of the run say, no journal of an episode is read. */
export interface RunRow {
  readonly name: string;
  /** Absolute. */
  readonly dir: string;
  readonly state: RunState;
  readonly episodes: number;
  readonly successes: number;
  /** Share of the episodes that succeeded; NaN without episodes. */
  readonly success_rate: number;
  /** NaN without episodes. */
  readonly mean_return: number;
  readonly steps: number;
  /** Unix seconds. */
  readonly created: number;
  /** Unix seconds, of the last episode; null without one that ended. */
  readonly ended: number | null;
  /** What the producer calls the run; null where it has no name for it. */
  readonly producer: string | null;
  /** Of the producer's `run-start`. */
  readonly meta: PlainObject;
}

export function readRunRow(run: RunReader, fs: FileSystem): RunRow {
  const { episodes, manifest } = run;
  let successes = 0;
  let reward = 0;
  let steps = 0;
  let ended: number | null = null;
  for (const episode of episodes) {
    if (episode.outcome === "success") successes += 1;
    reward += episode.totals.reward;
    steps += episode.totals.steps;
    if (episode.ended !== null && (ended === null || episode.ended > ended)) ended = episode.ended;
  }
  return {
    name: run.name,
    dir: run.dir,
    state: stateOf(run, fs),
    episodes: episodes.length,
    successes,
    success_rate: successes / episodes.length,
    mean_return: reward / episodes.length,
    steps,
    created: manifest.created,
    ended,
    ...startOf(run),
  };
}

function stateOf({ dir, manifest }: RunReader, fs: FileSystem): RunState {
  if (isRunLocked(fs, dir)) return "live";
  if (!manifest.complete) return "crashed";
  const lost = Object.values(manifest.accounting).some(({ dropped }) => dropped > 0);
  return lost ? "incomplete" : "complete";
}

function startOf(run: RunReader): Pick<RunRow, "producer" | "meta"> {
  const { runStart } = run;
  return runStart === null ? { producer: null, meta: {} } : producersWords(runStart.meta);
}

/** Of a stream from elsewhere the producer's own words stand below `meta.producer`: its keys are found by their own names too. */
function producersWords(meta: PlainObject): Pick<RunRow, "producer" | "meta"> {
  const producer = meta["producer"];
  if (!isMapping(producer)) return { producer: null, meta };
  const { run, meta: own } = producer;
  return {
    producer: typeof run === "string" && run !== "" ? run : null,
    meta: isMapping(own) ? { ...own, ...meta } : meta,
  };
}

function isMapping(value: PlainValue | undefined): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
