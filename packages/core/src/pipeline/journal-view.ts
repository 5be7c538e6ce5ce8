import { JournalReader } from "../episode/journal/journal-reader.js";
import type { EpisodeRecord } from "../episode/record.js";
import { episodeViewOf } from "../episode/replayer.js";
import type { EpisodeView } from "../episode/view.js";
import type { FileSystem } from "./plugin.js";
import type { EpisodeSource } from "./roles.js";

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
