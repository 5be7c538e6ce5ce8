import { join } from "node:path";
import type { EpisodeManager } from "../episode/episode-manager.js";
import { JournalReader } from "../episode/journal/journal-reader.js";
import { sealJournal } from "../episode/journal/seal-journal.js";
import { EPISODE_JOURNAL, type ManifestEpisode, manifestEpisode } from "../episode/manifest.js";
import type { ManifestWriter } from "../episode/manifest-writer.js";
import type { Accounting, EpisodeEndRecord, EpisodeRecord, EpisodeStartRecord } from "../episode/record.js";
import { episodeViewOf } from "../episode/replayer.js";
import { toStorageError } from "../episode/storage-errors.js";
import type { EpisodeView } from "../episode/view.js";
import { writeAtomicallyAsync } from "../episode/write-atomically.js";
import { exportFailed } from "./errors.js";
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
  readonly manifest: ManifestWriter;
  /** Null where the node says `enabled: false`. */
  readonly format: NamedFormat | null;
  /** Of the sealed journal. */
  readonly compression: boolean;
  report(error: unknown, key: string): void;
  /** Told when an episode is listed, with the bytes of its journal and exports. */
  onListed(episode: ManifestEpisode): void;
}

/** What is done with an episode's journal once it is complete: sealed, exported from there, listed in the manifest. */
export class EpisodeFinisher {
  readonly #options: EpisodeFinisherOptions;
  readonly #listed: Map<number, ManifestEpisode> = new Map();

  constructor(options: EpisodeFinisherOptions) {
    this.#options = options;
  }

  /** An episode that cannot be sealed or exported keeps its open journal, which is as good to read. */
  async finish(number: number, start: EpisodeStartRecord, end: EpisodeEndRecord): Promise<void> {
    const { fs, manager, compression, report } = this.#options;
    const journal = join(manager.episodeDir(number), EPISODE_JOURNAL);
    try {
      sealJournal(journal, { fs, compression });
    } catch (error) {
      report(error, "journal");
    }
    const files = [EPISODE_JOURNAL, ...(await this.#export(number))];
    const facts = {
      number,
      dir: manager.episodeDirName(number),
      start,
      end,
      files,
      pictures: manager.pictures(number),
    };
    this.#guard(() => this.#list(manifestEpisode(fs, manager.runDir, facts)));
  }

  /** The whole episode again, from its journal. */
  episodeView(number: number): EpisodeView {
    return episodeViewOf(this.#source(number));
  }

  /** Forgets what a cleanup deleted. */
  forget(number: number, what: "pictures" | "episode"): void {
    const { manifest, manager } = this.#options;
    manager.forgetPictures(number);
    if (what === "episode") {
      this.#listed.delete(number);
      manifest.remove(number);
    } else {
      const episode = this.#listed.get(number);
      if (episode !== undefined)
        this.#guard(() => manifest.add({ ...episode, pictures: manager.pictures(number) }));
    }
  }

  /** At the end of the run: pictures that were drawn after their episode was listed are counted in. */
  close(accounting: { readonly [sink: string]: Accounting }): void {
    const { manifest, manager } = this.#options;
    this.#guard(() => {
      for (const episode of this.#listed.values()) {
        const pictures = manager.pictures(episode.number);
        if (pictures.count !== episode.pictures.count) manifest.add({ ...episode, pictures });
      }
      manifest.finish(accounting);
    });
  }

  /** Names of the files written. */
  async #export(number: number): Promise<string[]> {
    const { fs, format, manager, report } = this.#options;
    if (format === null) return [];
    const name = `episode.${format.format.extension}`;
    try {
      const pieces = format.format.encode(this.#source(number));
      await writeAtomicallyAsync(fs, join(manager.episodeDir(number), name), pieces, { sync: false });
      return [name];
    } catch (error) {
      report(exportFailed(format.key, number, error), format.key);
      return [];
    }
  }

  #list(episode: ManifestEpisode): void {
    const { manifest, onListed } = this.#options;
    this.#listed.set(episode.number, episode);
    onListed(episode);
    manifest.add(episode);
  }

  #source(number: number): EpisodeSource {
    const { fs, manager } = this.#options;
    const journal = join(manager.episodeDir(number), EPISODE_JOURNAL);
    return {
      number,
      *records() {
        using reader = new JournalReader(journal, { fs });
        for (const record of reader.records()) yield record as EpisodeRecord;
      },
    };
  }

  #guard(action: () => void): void {
    const { report, manager } = this.#options;
    try {
      action();
    } catch (error) {
      report(toStorageError(error, manager.runDir), "manifest");
    }
  }
}
