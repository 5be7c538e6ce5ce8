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
import { exportFailed, sealFailed } from "../contract/errors.js";
import type { JournalFinisher } from "../threads/journal-finisher.js";
import { unpackError } from "../threads/thread-errors.js";

export interface EpisodeFinisherOptions {
  readonly fs: FileSystem;
  readonly manager: EpisodeManager;
  readonly manifest: ManifestWriter;
  readonly journals: JournalFinisher;
  /** Config key of the format's node. */
  readonly formatKey: string;
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
    const { manager, manifest } = options;
    manager.onMove(() => this.#guard(() => manifest.moveTo(manager.runDir)));
  }

  /** An episode that cannot be sealed or exported keeps its open journal, which is as good to read. */
  async finish(number: number, start: EpisodeStartRecord, end: EpisodeEndRecord): Promise<void> {
    const { fs, manager, journals, formatKey, compression, report } = this.#options;
    const { sealError, exported, exportError } = await journals.finish(
      this.journalPath(number),
      number,
      compression,
    );
    if (sealError !== null) report(sealFailed(number, unpackError(sealError)), "journal");
    if (exportError !== null) report(exportFailed(formatKey, number, unpackError(exportError)), formatKey);
    const files = [EPISODE_JOURNAL, ...(exported === null ? [] : [exported])];
    const dir = manager.episodeDirName(number);
    const facts = { number, dir, start, end, files, pictures: manager.pictures(number) };
    const runDir = dirname(manager.episodeDir(number));
    this.#guard(() => this.#list(manifestEpisode(fs, runDir, facts)));
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

  #list(episode: ManifestEpisode): void {
    const { manifest, onListed } = this.#options;
    this.#listed.set(episode.number, episode);
    onListed(episode);
    manifest.add(episode);
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
