import { dirname, join } from "node:path";
import type { Accounting, EpisodeEndRecord, EpisodeStartRecord, StepView } from "@episcope/records";
import type { EpisodeManager, EpisodeSource, FileSystem, ManifestWriter } from "@episcope/records/store";
import {
  EPISODE_JOURNAL,
  episodeViewOf,
  journalSource,
  type ManifestEpisode,
  manifestEpisode,
  toStorageError,
} from "@episcope/records/store";
import { exportFailed } from "../contract/errors.js";
import type { SealedJournal } from "../threads/seal-journals.js";
import { unpackError } from "../threads/thread-errors.js";

export interface EpisodeFinisherOptions {
  readonly fs: FileSystem;
  readonly manager: EpisodeManager;
  readonly manifest: ManifestWriter;
  /** Config key of the format's node. */
  readonly formatKey: string;
  report(error: unknown, key: string): void;
  /** Told when an episode is listed, with the bytes of its journal and exports. */
  onListed(episode: ManifestEpisode): void;
}

/** A journal that was made, with what the manifest says of its episode. */
export interface FinishedEpisode extends SealedJournal {
  readonly start: EpisodeStartRecord;
  /** Undefined where the run was closed without it. */
  readonly end: EpisodeEndRecord | undefined;
}

/** Lists the episodes of a run in its manifest, once their journals are made. */
export class EpisodeFinisher {
  readonly #options: EpisodeFinisherOptions;
  readonly #listed: Map<number, ManifestEpisode> = new Map();

  constructor(options: EpisodeFinisherOptions) {
    this.#options = options;
    const { manager, manifest } = options;
    manager.onMove(() => this.#guard(() => manifest.moveTo(manager.runDir)));
  }

  list({ number, start, end, totals, first, last, exported, exportError }: FinishedEpisode): void {
    const { fs, manager, manifest, formatKey, report, onListed } = this.#options;
    if (exportError !== null) report(exportFailed(formatKey, number, unpackError(exportError)), formatKey);
    const files = [EPISODE_JOURNAL, ...(exported === null ? [] : [exported])];
    const dir = manager.episodeDirName(number);
    const positions = { first, last };
    const facts = { number, dir, start, end, totals, files, pictures: manager.pictures(number), positions };
    this.#guard(() => {
      const episode = manifestEpisode(fs, dirname(manager.episodeDir(number)), facts);
      this.#listed.set(number, episode);
      onListed(episode);
      manifest.add(episode);
    });
  }

  /** Absolute path of an episode's journal. */
  journalPath(number: number): string {
    return join(this.#options.manager.episodeDir(number), EPISODE_JOURNAL);
  }

  /** The steps of an episode again, from its journal; read when they are iterated. */
  stepViews(number: number): Iterable<StepView> {
    const source = this.#source(number);
    return { [Symbol.iterator]: () => episodeViewOf(source).steps[Symbol.iterator]() };
  }

  /** Forgets what a cleanup deleted. */
  forget(number: number, what: "pictures" | "episode"): void {
    const { manifest, manager } = this.#options;
    manager.forgetPictures(number);
    if (what === "episode") {
      manager.forgetEpisode(number);
      this.#listed.delete(number);
      manifest.remove(number);
    } else {
      const episode = this.#listed.get(number);
      if (episode !== undefined)
        this.#guard(() => manifest.add({ ...episode, pictures: manager.pictures(number) }));
    }
  }

  /**
   * At the end of the run: pictures that were drawn after their episode was listed are counted in. A run of which records stand
   * in no journal yet is not complete.
   */
  close(accounting: { readonly [sink: string]: Accounting }, isComplete: boolean): void {
    const { manifest, manager } = this.#options;
    this.#guard(() => {
      for (const episode of this.#listed.values()) {
        const pictures = manager.pictures(episode.number);
        if (pictures.count !== episode.pictures.count) manifest.add({ ...episode, pictures });
      }
      if (isComplete) manifest.finish(accounting);
      else manifest.write();
    });
  }

  #source(number: number): EpisodeSource {
    return journalSource(this.#options.fs, this.journalPath(number), number);
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
