import { dirname, join } from "node:path";
import type { EpisodeManager } from "../episode/episode-manager.js";
import { EpisodeTracker } from "../episode/episode-tracker.js";
import { JournalReader } from "../episode/journal/journal-reader.js";
import { sealJournal } from "../episode/journal/seal-journal.js";
import type { EpisodeEndRecord, EpisodeRecord } from "../episode/record.js";
import type { EpisodeView, StepView, SummaryView } from "../episode/view.js";
import { writeAtomicallyAsync } from "../episode/write-atomically.js";
import { exportFailed } from "./errors.js";
import { EPISODE_JOURNAL } from "./journal-log.js";
import type { FileSystem } from "./plugin.js";
import type { EpisodeSource, Format } from "./roles.js";

export interface NamedFormat {
  /** Config key of its node. */
  readonly key: string;
  readonly format: Format;
}

export interface EpisodeFinisherOptions {
  readonly fs: FileSystem;
  readonly manager: EpisodeManager;
  /** Null where the node says `enabled: false`. */
  readonly format: NamedFormat | null;
  /** Of the sealed journal. */
  readonly compression: boolean;
  report(error: unknown, key: string): void;
}

/** What is done with an episode's journal once it is complete: sealed, then exported from there. */
export class EpisodeFinisher {
  readonly #options: EpisodeFinisherOptions;

  constructor(options: EpisodeFinisherOptions) {
    this.#options = options;
  }

  /** An episode that cannot be sealed or exported keeps its open journal, which is as good to read. */
  async finish(number: number, journal: string, _end: EpisodeEndRecord): Promise<void> {
    const { fs, format, compression, report } = this.#options;
    try {
      sealJournal(journal, { fs, compression });
    } catch (error) {
      report(error, "journal");
    }
    if (format === null) return;
    try {
      const path = join(dirname(journal), `episode.${format.format.extension}`);
      const pieces = format.format.encode(journalSource(fs, journal, number));
      await writeAtomicallyAsync(fs, path, pieces, { sync: false });
    } catch (error) {
      report(exportFailed(format.key, number, error), format.key);
    }
  }

  /** The whole episode again, from its journal. */
  episodeView(number: number): EpisodeView {
    const journal = join(this.#options.manager.episodeDir(number), EPISODE_JOURNAL);
    return journalView(journalSource(this.#options.fs, journal, number));
  }
}

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

/** Follows an episode from its first record to its last, as live recording did. */
export function journalView(source: EpisodeSource): EpisodeView {
  return {
    kind: "episode",
    summary: summaryOf(source),
    steps: { [Symbol.iterator]: () => stepsOf(source) },
  };
}

function summaryOf(source: EpisodeSource): SummaryView {
  let tracker: EpisodeTracker | undefined;
  let end: EpisodeEndRecord | undefined;
  for (const record of source.records()) {
    if (record.type === "episode-start") tracker = new EpisodeTracker(record, source.number);
    else if (record.type === "step") tracker?.step(record);
    else end = record;
  }
  if (tracker === undefined) throw new Error(`the journal of episode ${source.number} has no start`);
  return tracker.summary(end);
}

function* stepsOf(source: EpisodeSource): Generator<StepView> {
  let tracker: EpisodeTracker | undefined;
  for (const record of source.records()) {
    if (record.type === "episode-start") tracker = new EpisodeTracker(record, source.number);
    else if (record.type === "step" && tracker !== undefined) yield tracker.step(record);
  }
}
