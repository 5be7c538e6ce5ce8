import type { FileSystem } from "../disk/file-system.js";
import type { EpisodeEndRecord, EpisodeStartRecord, EpisodeTotals } from "../record/record.js";
import { EpisodeProgress } from "../view/progress.js";
import { LogReader } from "./log-reader.js";

/** An episode of which all records are still in the log. */
export interface LoggedEpisode {
  /** In the run, from 1. */
  readonly number: number;
  readonly start: EpisodeStartRecord;
  /** Null while it goes on, and where its producer died. */
  readonly end: EpisodeEndRecord | null;
  readonly totals: EpisodeTotals;
  /** Positions of its first and its last record. */
  readonly first: number;
  readonly last: number;
}

interface Following {
  readonly start: EpisodeStartRecord;
  readonly progress: EpisodeProgress;
  readonly first: number;
  last: number;
  end: EpisodeEndRecord | null;
}

/** The episodes that begin in the log, in order, but for those that cleanup has removed. */
export function scanLog(fs: FileSystem, logDir: string): LoggedEpisode[] {
  const following = new Map<number, Following>();
  using reader = new LogReader(logDir, { fs, glances: true });
  for (let item = reader.next(); item !== null; item = reader.next()) {
    const { record, episode: number, position } = item;
    if (number === null) continue;
    if (record.type === "episode-start") {
      const progress = new EpisodeProgress(record, number);
      following.set(number, { start: record, progress, first: position, last: position, end: null });
    }
    const episode = following.get(number);
    if (episode === undefined) continue;
    episode.last = position;
    if (record.type === "episode-end") episode.end = record;
    else if (record.type === "step") {
      const { selection: _unused, ...action } = record.action;
      episode.progress.step({ ...record, action }, undefined, false);
    }
  }
  return [...following]
    .filter(([number]) => !reader.removed.has(number))
    .map(([number, { start, progress, first, last, end }]) => {
      const totals = end?.totals ?? progress.totals;
      return { number, start, end, totals, first, last };
    });
}
