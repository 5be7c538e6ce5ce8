import { join } from "node:path";
import {
  EPISODE_JOURNAL,
  type EpisodeLogEntry,
  type EpisodeManager,
  episodeLogEntry,
  episodeNotFound,
  type FileSystem,
  findEpisode,
} from "@episcope/records/store";

/**
 * An episode of a run that records, as the original design's log entries, whole in memory: what is written of it, so an open one
 * as far as it has come. Throws EPISODE_NOT_FOUND.
 */
export function loadEpisode(
  fs: FileSystem,
  manager: EpisodeManager,
  number: number,
  configHash: string,
): EpisodeLogEntry {
  const source = findEpisode(fs, join(manager.episodeDir(number), EPISODE_JOURNAL), number);
  if (source === null) throw episodeNotFound(manager.runDir, number, manager.listEpisodesInRun());
  return episodeLogEntry(source, configHash, manager.picturePaths(number));
}
