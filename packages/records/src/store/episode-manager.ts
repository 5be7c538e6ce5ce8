import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Clock } from "../disk/clock.js";
import type { FileSystem } from "../disk/file-system.js";
import { makeDirectories } from "../disk/make-directories.js";
import { noWritableOutput, runExists, type StorageError, toStorageError } from "../disk/storage-errors.js";
import { PRIVATE_MODE, writeAtomically } from "../disk/write-atomically.js";
import { LOG_DIRECTORY, listSegments } from "../log/segments.js";
import { applyCleanup } from "./apply-cleanup.js";
import type { CleanupPolicy, CleanupStep, InventoryEpisode } from "./cleanup-policy.js";
import type { EpisodeConfig } from "./episode-config.js";
import type { EpisodePictures } from "./exports/episode-log.js";
import { episodePictures } from "./exports/episode-pictures.js";
import { finishedRuns, inventoryOf } from "./inventory.js";
import { checkName, compileNameFormat, type NameFormat, stampFormat, timeStamp } from "./name-format.js";
import { LOCK_FILE, MARK_DIRECTORY } from "./run-lock.js";

export interface EpisodeManagerOptions {
  readonly fs: FileSystem;
  readonly clock: Clock;
  /** Absolute; relative directories of the config stand below it. */
  readonly cwd: string;
  /** Told once when the run goes somewhere else than configured. */
  readonly onFallback?: (dir: string, error: StorageError) => void;
}

/** What a cleanup goes by. */
export interface CleanupRules {
  readonly policy: CleanupPolicy;
  /** Default: `storage.max_storage_gb`. */
  readonly maxBytes?: number;
  /** True for an episode that stays, whatever the policy would say. */
  protects?(episode: InventoryEpisode): boolean;
  /** Told of a step that failed. */
  onError?(error: unknown, step: CleanupStep): void;
}

export interface StartRunOptions {
  /** Instead of `storage.run_name`. */
  readonly name?: string;
  /** The directory itself, instead of one below `storage.base_output_dir`; used as it is. */
  readonly runDir?: string;
}

/** A place where a run can go on. */
export interface Elsewhere {
  /** Absolute; exists, and holds nothing. */
  readonly dir: string;
  /** Removes it again. */
  discard(): void;
}

/** What a run was made with: taken along when it goes on elsewhere, as far as it can be read. */
const SAVED_DIRECTORIES = [".hydra", MARK_DIRECTORY];

export interface RunInfo {
  readonly name: string;
  /** Absolute. */
  readonly dir: string;
  readonly episodes: number;
}

/**
 * Knows where everything of a run lies: makes the run directory and those of its episodes, names files, writes loose
 * files so that a reader never meets half of one, and keeps the running total of their bytes.
 */
export class EpisodeManager {
  readonly #config: EpisodeConfig;
  readonly #options: EpisodeManagerOptions;
  readonly #episodeFormat: NameFormat;
  readonly #stepFormat: NameFormat;
  readonly #made: Set<number> = new Set();
  /** That a cleanup has deleted. */
  readonly #removed: Set<number> = new Set();
  readonly #pictures: Map<number, { count: number; bytes: number }> = new Map();
  readonly #moveListeners: ((from: string) => void)[] = [];
  readonly #writeListeners: ((bytes: number) => void)[] = [];
  #cleanup: CleanupRules | null = null;
  #runDir: string | null = null;
  #name: string | null = null;
  /** What stayed behind when the run went on elsewhere. */
  #left: { readonly dir: string; readonly stays: (episode: number) => boolean } | null = null;

  constructor(config: EpisodeConfig, options: EpisodeManagerOptions) {
    this.#config = config;
    this.#options = options;
    this.#episodeFormat = compileNameFormat(
      "storage.episode_dir_format",
      stampFormat(config.episode_dir_format, options.clock.now()),
      "episode",
    );
    this.#stepFormat = compileNameFormat("storage.step_file_format", config.step_file_format, "step");
    if (config.run_name !== null) checkName("storage.run_name", config.run_name);
  }

  /** Absolute path of the run; throws before `startNewRun`. */
  get runDir(): string {
    if (this.#runDir === null) throw new Error("startNewRun comes first");
    return this.#runDir;
  }

  get runName(): string {
    if (this.#name === null) throw new Error("startNewRun comes first");
    return this.#name;
  }

  /**
   * Makes the run's directory. A generated name is made unique by exclusive creation; a name or directory that the
   * user gave is used as it is, unless a run is recorded there already (RUN_EXISTS). If it cannot be written, the
   * fallback is tried; OUTPUT_UNWRITABLE says that no place was left.
   */
  startNewRun(options: StartRunOptions = {}): string {
    const name = options.name ?? this.#config.run_name;
    if (name !== null) checkName("storage.run_name", name);
    const base = resolve(this.#options.cwd, this.#config.base_output_dir);
    const wanted = options.runDir === undefined ? null : resolve(this.#options.cwd, options.runDir);
    const tried: string[] = [];
    let failure: StorageError | undefined;
    const fallbacks = this.#config.on_unwritable === "fail" ? [] : this.#fallbacks();
    for (const place of [wanted === null ? base : dirname(wanted), ...fallbacks]) {
      try {
        const dir = place === undefined ? this.#temporaryBase() : place;
        tried.push(dir);
        const runDir =
          wanted !== null && failure === undefined ? this.#useDirectory(wanted) : this.#createRun(dir, name);
        this.continueRun(runDir);
        if (failure !== undefined) this.#options.onFallback?.(runDir, failure);
        return runDir;
      } catch (cause) {
        if (!isFileSystemError(cause)) throw cause;
        failure = toStorageError(cause, wanted ?? join(base, name ?? ""));
      }
    }
    throw noWritableOutput(tried, failure);
  }

  /** Goes on with a run that `startNewRun` of another manager has made; `runDir` is absolute. */
  continueRun(runDir: string): void {
    this.#runDir = runDir;
    this.#name = basename(runDir);
  }

  /**
   * Makes a directory of the same name below `storage.fallback_dir` or, where that cannot be or has a run of that name,
   * below a new temporary directory. Null where nothing can be written.
   */
  createElsewhere(): Elsewhere | null {
    const { fs } = this.#options;
    for (const place of this.#fallbacks()) {
      let made: string | undefined;
      try {
        if (place === this.baseDir) continue;
        if (place === undefined) made = this.#temporaryBase();
        const dir = this.#createRun(place ?? made!, this.runName);
        const discard = (): void => removeQuietly(fs, made ?? dir);
        return { dir, discard };
      } catch {
        if (made !== undefined) removeQuietly(fs, made);
      }
    }
    return null;
  }

  /** Goes on in a directory that `createElsewhere` has made; the episodes that `stays` names remain where they are. */
  continueElsewhere(dir: string, stays: (episode: number) => boolean): void {
    const from = this.runDir;
    for (const folder of SAVED_DIRECTORIES)
      copyQuietly(this.#options.fs, join(from, folder), join(dir, folder));
    this.#left = { dir: from, stays };
    this.#runDir = dir;
    for (const number of [...this.#made]) if (!stays(number)) this.#made.delete(number);
    for (const listener of this.#moveListeners) listener(from);
  }

  /** Goes on where another manager of this run does: there is what that one took along. */
  followElsewhere(dir: string): void {
    const { fs } = this.#options;
    const from = this.runDir;
    const stays = (episode: number): boolean => {
      const name = this.episodeDirName(episode);
      return !fs.existsSync(join(dir, name)) && fs.existsSync(join(from, name));
    };
    this.#left = { dir: from, stays };
    this.#runDir = dir;
    this.#made.clear();
  }

  /** Has `listener` told when the run goes on elsewhere, with the directory that it has left. */
  onMove(listener: (from: string) => void): void {
    this.#moveListeners.push(listener);
  }

  /** Has `listener` told of the bytes of each loose file of an episode. */
  onWritten(listener: (bytes: number) => void): void {
    this.#writeListeners.push(listener);
  }

  /** Makes the directory of an episode and gives its absolute path. */
  startNewEpisode(number: number): string {
    const dir = this.episodeDir(number);
    if (!this.#made.has(number)) {
      makeDirectories(this.#options.fs, dir);
      this.#made.add(number);
    }
    return dir;
  }

  /** Absolute; the directory may not exist yet. */
  episodeDir(number: number): string {
    const run = this.#left?.stays(number) === true ? this.#left.dir : this.runDir;
    return join(run, this.#episodeFormat.format(number));
  }

  /** Name of an episode's directory, relative to the run. */
  episodeDirName(number: number): string {
    return this.#episodeFormat.format(number);
  }

  /** Absolute path of a step's picture. `extension` is without the dot. */
  getStepPath(episode: number, step: number, extension: string): string {
    return join(this.episodeDir(episode), `${this.#stepFormat.format(step)}.${extension}`);
  }

  /** Absolute path of an episode's summary picture. */
  getEpisodeSummaryPath(episode: number, extension: string): string {
    return join(this.episodeDir(episode), `summary.${extension}`);
  }

  /** Numbers of the episodes whose directories exist, in order. */
  listEpisodesInRun(): number[] {
    return this.#options.fs
      .readdirSync(this.runDir)
      .map((name) => this.#episodeFormat.parse(String(name)))
      .filter((number) => number !== null)
      .sort((a, b) => a - b);
  }

  getCurrentRunInfo(): RunInfo {
    return { name: this.runName, dir: this.runDir, episodes: this.#made.size };
  }

  /** By what `cleanupOldData` cleans up. */
  cleanBy(rules: CleanupRules): void {
    this.#cleanup = rules;
  }

  /**
   * What a policy would delete of the finished runs beside this one, or below `base`. Nothing is done. Episodes that `protects`
   * keeps are not offered to the policy; their bytes count.
   */
  planCleanup({ policy, maxBytes, protects }: CleanupRules): readonly CleanupStep[] {
    const { fs, clock } = this.#options;
    const { episodes, totalBytes } = inventoryOf(finishedRuns(fs, this.baseDir));
    const free = protects === undefined ? episodes : episodes.filter((episode) => !protects(episode));
    const limits = { maxBytes: maxBytes ?? this.#config.max_storage_gb * 1e9 };
    return policy.plan({ episodes: free, totalBytes }, limits, clock.now());
  }

  /** Deletes what a plan says; gives the bytes freed. Runs that are being recorded are left alone. */
  applyCleanup(steps: readonly CleanupStep[], onError: (error: unknown, step: CleanupStep) => void): number {
    return applyCleanup(steps, { fs: this.#options.fs, base: this.baseDir, onError });
  }

  /**
   * Cleans up old data by the configured policy, down to `storage.max_storage_gb`: the finished runs beside this one. Gives the
   * bytes freed. A step that fails is told, and the others go on. Before `cleanBy` there is no policy, and nothing goes.
   */
  cleanupOldData(): number {
    const rules = this.#cleanup;
    if (rules === null) return 0;
    return this.applyCleanup(this.planCleanup(rules), (error, step) => rules.onError?.(error, step));
  }

  /** Absolute path of the directory that holds the runs. */
  get baseDir(): string {
    return this.#runDir === null
      ? resolve(this.#options.cwd, this.#config.base_output_dir)
      : dirname(this.#runDir);
  }

  /** Past `storage.max_episodes_per_run` nothing is drawn; the log goes on. */
  mayDraw(episode: number): boolean {
    return episode <= this.#config.max_episodes_per_run;
  }

  /** Writes a loose file of an episode aside and renames it; gives its path relative to the run. */
  writeEpisodeFile(episode: number, path: string, bytes: Uint8Array): string {
    // A cleanup was faster than the drawing: that is no fault of the disk, and nothing is missing.
    if (this.#removed.has(episode)) return relative(dirname(this.episodeDir(episode)), path);
    this.startNewEpisode(episode);
    this.#replace(path, bytes);
    const { count, bytes: before } = this.pictures(episode);
    this.#pictures.set(episode, { count: count + 1, bytes: before + bytes.length });
    for (const listener of this.#writeListeners) listener(bytes.length);
    return relative(dirname(this.episodeDir(episode)), path);
  }

  /**
   * Writes a file of the run, `.hydra/config.yaml` for instance, aside and renames it. One that is private, as a config that says
   * more of a machine than pictures do, may be read by its owner only.
   */
  writeRunFile(
    relativePath: string,
    content: string | Uint8Array,
    { isPrivate = false }: { readonly isPrivate?: boolean } = {},
  ): void {
    const path = join(this.runDir, relativePath);
    makeDirectories(this.#options.fs, dirname(path));
    this.#replace(
      path,
      typeof content === "string" ? Buffer.from(content) : content,
      isPrivate ? PRIVATE_MODE : undefined,
    );
  }

  /** Where the pictures of an episode are. */
  picturePaths(episode: number): EpisodePictures {
    return episodePictures(this.#options.fs, this.episodeDir(episode), this.#stepFormat);
  }

  /** Number and bytes of the loose files that were written for an episode in this run. */
  pictures(episode: number): { readonly count: number; readonly bytes: number } {
    return this.#pictures.get(episode) ?? { count: 0, bytes: 0 };
  }

  /** A cleanup has deleted the episode: nothing of it is written any more. */
  forgetEpisode(episode: number): void {
    this.forgetPictures(episode);
    this.#removed.add(episode);
  }

  /** A cleanup has deleted them. */
  forgetPictures(episode: number): void {
    this.#pictures.delete(episode);
  }

  #replace(path: string, bytes: Uint8Array, mode?: number): void {
    try {
      writeAtomically(this.#options.fs, path, [bytes], {
        sync: false,
        ...(mode === undefined ? {} : { mode }),
      });
    } catch (cause) {
      throw toStorageError(cause, path);
    }
  }

  #fallbacks(): (string | undefined)[] {
    const { fallback_dir: fallback } = this.#config;
    return fallback === null ? [undefined] : [resolve(this.#options.cwd, fallback), undefined];
  }

  #temporaryBase(): string {
    const { fs } = this.#options;
    makeDirectories(fs, tmpdir());
    return fs.mkdtempSync(join(tmpdir(), "episcope-"));
  }

  #createRun(base: string, name: string | null): string {
    const { fs } = this.#options;
    makeDirectories(fs, base);
    if (name !== null) return this.#useDirectory(join(base, name));
    const stem = `run_${timeStamp(this.#options.clock.now())}`;
    for (let attempt = 1; ; attempt++) {
      const dir = join(
        base,
        attempt === 1 ? stem : `${stem}_${attempt <= 100 ? attempt : randomBytes(4).toString("hex")}`,
      );
      try {
        fs.mkdirSync(dir);
        return this.#probe(dir);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 200) throw cause;
      }
    }
  }

  #useDirectory(dir: string): string {
    const { fs } = this.#options;
    makeDirectories(fs, dir);
    const isRun = ["run.epi", "manifest.json"].some((name) => fs.existsSync(join(dir, name)));
    // A run that was killed at once has its log alone.
    if (isRun || listSegments(fs, join(dir, LOG_DIRECTORY)).length > 0) throw runExists(dir);
    return this.#probe(dir);
  }

  /** A directory may exist and still refuse files. */
  #probe(dir: string): string {
    const { fs } = this.#options;
    const path = join(dir, `.probe-${process.pid}`);
    fs.writeFileSync(path, "");
    fs.rmSync(path, { force: true });
    return dir;
  }
}

function removeQuietly(fs: FileSystem, dir: string): void {
  try {
    fs.rmSync(dir, { recursive: true, force: true });
  } catch {
    // An empty directory stays.
  }
}

function copyQuietly(fs: FileSystem, from: string, to: string): void {
  try {
    makeDirectories(fs, to);
    for (const name of fs.readdirSync(from).map(String)) {
      if (name === LOCK_FILE) continue;
      fs.writeFileSync(join(to, name), fs.readFileSync(join(from, name)), { mode: PRIVATE_MODE });
    }
  } catch {
    // It may be gone with the directory; the records say what matters.
  }
}

function isFileSystemError(cause: unknown): boolean {
  return typeof (cause as NodeJS.ErrnoException | null)?.code === "string" && "syscall" in (cause as object);
}
