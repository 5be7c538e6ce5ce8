import { dirname, join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { JournalReader } from "../journal/journal-reader.js";
import { LogReader } from "../log/log-reader.js";
import { LOG_DIRECTORY } from "../log/segments.js";
import type { EpisodeRecord } from "../record/record.js";
import type { EpisodeView } from "../view/view.js";
import type { EpisodeSource } from "./episode-source.js";
import { episodeViewOf } from "./replayer.js";

/** The records of an episode: of its journal, or of the run's log where that is not sealed yet. Read again on each iteration. */
export function journalSource(fs: FileSystem, journal: string, number: number): EpisodeSource {
  return {
    number,
    *records() {
      if (fs.existsSync(journal)) {
        using reader = new JournalReader(journal, { fs });
        for (const record of reader.records()) yield record as EpisodeRecord;
        return;
      }
      yield* loggedRecords(fs, join(dirname(dirname(journal)), LOG_DIRECTORY), number);
    },
  };
}

/** As `journalSource`; null where neither journal nor log has the episode. */
export function findEpisode(fs: FileSystem, journal: string, number: number): EpisodeSource | null {
  const source = journalSource(fs, journal, number);
  for (const _record of source.records()) return source;
  return null;
}

/** A whole episode, for pages. */
export function episodeViewFrom(fs: FileSystem, journal: string, number: number): EpisodeView {
  return episodeViewOf(journalSource(fs, journal, number));
}

function* loggedRecords(fs: FileSystem, logDir: string, number: number): Generator<EpisodeRecord> {
  using log = new LogReader(logDir, { fs });
  for (let item = log.next(); item !== null; item = log.next()) {
    if (item.episode !== number) continue;
    yield item.record as EpisodeRecord;
    if (item.record.type === "episode-end") return;
  }
}
