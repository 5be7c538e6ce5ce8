import type { FileSystem } from "../disk/file-system.js";
import { JournalReader } from "../journal/journal-reader.js";
import type { EpisodeRecord } from "../record/record.js";
import type { EpisodeView } from "../view/view.js";
import type { EpisodeSource } from "./episode-source.js";
import { episodeViewOf } from "./replayer.js";

/** The records of an episode's journal, read again on each iteration. */
export function journalSource(fs: FileSystem, journal: string, number: number): EpisodeSource {
  return {
    number,
    *records() {
      using reader = new JournalReader(journal, { fs });
      for (const record of reader.records()) yield record as EpisodeRecord;
    },
  };
}

/** A whole episode, for pages. */
export function episodeViewFrom(fs: FileSystem, journal: string, number: number): EpisodeView {
  return episodeViewOf(journalSource(fs, journal, number));
}
