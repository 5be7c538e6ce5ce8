import type {
  CleanupPolicy,
  CleanupStep,
  Clock,
  FileSystem,
  Inventory,
  ManifestWriter,
} from "@episcope/records/store";
import {
  applyCleanup,
  finishedRuns,
  type InventoryRun,
  inventoryEpisode,
  inventoryOf,
} from "@episcope/records/store";
import { hasTaps, isProtected, type RunHooks } from "../contract/hooks.js";
import type { Logger } from "../contract/plugin.js";

/** Where a cleanup stops, as a share of the limit: so that not every picture brings the next one. */
const LOW_WATER = 0.95;
const CHECK_FREE_MS = 1_000;
const NOTHING = { freed: 0, done: [] };
/** Runs that a message names. */
const NAMED_RUNS = 5;

export interface StorageKeeperOptions {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hooks: RunHooks;
  /** Absolute path of the directory that holds the runs. */
  readonly base: string;
  readonly run: string;
  readonly runDir: string;
  readonly policy: CleanupPolicy;
  readonly policyName: string;
  /** `storage.max_storage_gb` in bytes. */
  readonly maxBytes: number;
  /** `storage.min_free_gb` in bytes. */
  readonly minFreeBytes: number;
  readonly manifest: ManifestWriter;
  /** Bytes of the loose files of an episode of this run. */
  pictureBytes(episode: number): number;
  /** An episode of this run was deleted, in whole or its pictures. */
  forget(episode: number, what: CleanupStep["what"]): void;
  report(error: unknown, key: string): void;
}

/**
 * Holds `max_storage_gb` during the run by a running total, and `min_free_gb` of the disk. Past a limit the cleanup
 * policy decides; where it frees nothing, drawing stops and the log goes on.
 */
export class StorageKeeper {
  readonly #options: StorageKeeperOptions;
  /** Of the other runs. */
  #others: InventoryRun[];
  #otherBytes: number;
  /** Of this run: pictures as they are written, logs as episodes are listed. */
  #ownBytes = 0;
  #blocked: string | null = null;
  #askAgainAt = 0;
  #freeCheckedAt = Number.NEGATIVE_INFINITY;
  #isCleaning = false;
  /** What was deleted to hold a limit, and its bytes. */
  readonly #deleted: CleanupStep[] = [];
  #freed = 0;

  constructor(options: StorageKeeperOptions) {
    this.#options = options;
    options.hooks.runEnd.tap("storage.cleanup_policy", () => this.#sumUp());
    this.#others = finishedRuns(options.fs, options.base).filter(({ name }) => name !== options.run);
    this.#otherBytes = inventoryOf(this.#others).totalBytes;
    this.#holdLimit();
  }

  /** Over all runs of the base directory. */
  get totalBytes(): number {
    return this.#otherBytes + this.#ownBytes;
  }

  /** Why nothing is drawn; null while it is. */
  get drawingStopped(): string | null {
    if (this.#options.clock.monotonic() - this.#freeCheckedAt >= CHECK_FREE_MS) this.#checkFree();
    return this.#blocked;
  }

  /** Counts bytes that this run has written, and cleans up past the limit. */
  add(bytes: number): void {
    this.#ownBytes += bytes;
    if (this.totalBytes > this.#options.maxBytes && this.totalBytes >= this.#askAgainAt) this.#holdLimit();
  }

  /**
   * Frees a tenth of what may be deleted, for a disk that is full; says what, and returns the bytes freed. Of this run it deletes
   * only pictures: `flush` has promised that its records are safe, and the next ones can go to another directory.
   */
  makeRoom(): number {
    const { run, policyName, logger } = this.#options;
    const inventory = this.inventory();
    const episodes = inventory.episodes.map((one) => (one.run === run ? { ...one, logBytes: 0 } : one));
    const totalBytes = episodes.reduce((sum, one) => sum + one.pictureBytes + one.logBytes, 0);
    const { freed, done } = this.#clean(totalBytes * 0.9, { episodes, totalBytes }, (step) => {
      if (step.run !== run || step.what === "pictures") return step;
      return step.bytes > 0 ? { ...step, what: "pictures" } : null;
    });
    if (done.length > 0)
      logger.warn(`the disk is full: cleanup_policy=${policyName} has deleted ${describe(done, freed)}.`);
    return freed;
  }

  /** What a plan is made from: finished episodes of all runs that are ours to clean. */
  inventory(): Inventory {
    const { run, manifest } = this.#options;
    const others = inventoryOf(this.#others);
    const { episodes: listed, continues } = manifest.manifest;
    // A run that went on elsewhere is not cleaned up here any more.
    const own = (continues === undefined ? listed : []).map((episode) => ({
      ...inventoryEpisode(run, episode),
      // The manifest learns of pictures later than the disk.
      pictureBytes: this.#options.pictureBytes(episode.number),
    }));
    return { episodes: [...others.episodes, ...own], totalBytes: this.totalBytes };
  }

  #holdLimit(): void {
    const { maxBytes, policyName, logger } = this.#options;
    if (this.totalBytes <= maxBytes) return;
    this.#note(this.#clean(maxBytes * LOW_WATER), `storage.max_storage_gb=${maxBytes / 1e9} was reached`);
    if (this.totalBytes <= maxBytes) {
      this.#blocked = null;
      this.#askAgainAt = 0;
      return;
    }
    // Nothing more can be freed now; asking again makes sense only when there is more to free.
    this.#askAgainAt = this.totalBytes * 1.01;
    if (this.#blocked !== null) return;
    this.#blocked = "max_storage_gb";
    logger.warn(
      `storage.max_storage_gb=${maxBytes / 1e9} is exceeded and cleanup_policy=${policyName} frees nothing${this.#deleted.length > 0 ? " more" : ""}: drawing ` +
        `stops, the log goes on. ${policyName === "manual" ? `Run 'episcope clean storage.cleanup_policy=size_based', or raise` : "Raise"} the limit.`,
    );
  }

  /** The first deletion is said at once, the others at the end. */
  #note(
    { freed, done }: { readonly freed: number; readonly done: readonly CleanupStep[] },
    why: string,
  ): void {
    if (done.length === 0) return;
    const { policyName, logger } = this.#options;
    if (this.#deleted.length === 0) {
      logger.info(
        `${why}: cleanup_policy=${policyName} has deleted ${describe(done, freed)}. What it deletes later is counted and said at the end.`,
      );
    }
    this.#deleted.push(...done);
    this.#freed += freed;
  }

  #sumUp(): void {
    const { policyName, maxBytes, logger } = this.#options;
    if (this.#deleted.length === 0) return;
    logger.info(
      `cleanup_policy=${policyName} has deleted ${describe(this.#deleted, this.#freed)}, to hold storage.max_storage_gb=${maxBytes / 1e9} ` +
        "and storage.min_free_gb; the limit counts journals, exports and pictures of the episodes below storage.base_output_dir.",
    );
  }

  #clean(
    maxBytes: number,
    inventory: Inventory = this.inventory(),
    allow: (step: CleanupStep) => CleanupStep | null = (step) => step,
  ): { readonly freed: number; readonly done: readonly CleanupStep[] } {
    const { policy, fs, base, run, manifest, clock, hooks, report } = this.#options;
    if (this.#isCleaning) return NOTHING;
    this.#isCleaning = true;
    try {
      const episodes = inventory.episodes.filter((episode) => !isProtected(hooks, episode));
      const steps = policy
        .plan({ ...inventory, episodes }, { maxBytes }, clock.now())
        .map(allow)
        .filter((step) => step !== null);
      if (steps.length === 0) return NOTHING;
      if (hasTaps(hooks.cleanup)) void hooks.cleanup.promise(steps);
      const failed: CleanupStep[] = [];
      const freed = applyCleanup(steps, {
        fs,
        base,
        own: { name: run, manifest: manifest.manifest },
        forget: (episode, what) => this.#options.forget(episode, what),
        onError: (error, step) => {
          failed.push(step);
          report(error, "storage.cleanup_policy");
        },
      });
      const done = steps.filter((step) => !failed.includes(step));
      for (const step of done) if (step.run === run) this.#ownBytes -= step.bytes;
      this.#others = finishedRuns(fs, base).filter(({ name }) => name !== run);
      this.#otherBytes = inventoryOf(this.#others).totalBytes;
      return { freed, done };
    } catch (error) {
      report(error, "storage.cleanup_policy");
      return NOTHING;
    } finally {
      this.#isCleaning = false;
    }
  }

  #checkFree(): void {
    const { fs, runDir, minFreeBytes, clock, logger } = this.#options;
    this.#freeCheckedAt = clock.monotonic();
    const free = freeBytes(fs, runDir);
    if (free !== null && free < minFreeBytes) {
      const why = `the disk had less than storage.min_free_gb=${minFreeBytes / 1e9} left`;
      this.#note(this.#clean(this.totalBytes - (minFreeBytes - free)), why);
      const left = freeBytes(fs, runDir) ?? free;
      if (left >= minFreeBytes || this.#blocked !== null) return;
      this.#blocked = "min_free_gb";
      logger.warn(
        `the disk has ${(left / 1e9).toFixed(2)} GB left, less than storage.min_free_gb=${minFreeBytes / 1e9}: drawing stops, the log goes on.`,
      );
    } else if (this.#blocked === "min_free_gb") {
      this.#blocked = null;
      logger.info("the disk has room again: drawing goes on.");
    }
  }
}

/** "2 episodes and the pictures of 1 more, 12.3 MB, in the runs a, b". */
function describe(steps: readonly CleanupStep[], bytes: number): string {
  const episodes = new Set(
    steps.filter(({ what }) => what === "episode").map(({ run, episode }) => `${run}/${episode}`),
  );
  const drawn = new Set(steps.map(({ run, episode }) => `${run}/${episode}`));
  const pictures = drawn.size - episodes.size;
  const what = [
    ...(episodes.size > 0 ? [count(episodes.size, "episode")] : []),
    ...(pictures > 0 ? [`the pictures of ${count(pictures, "episode")}`] : []),
  ];
  const runs = [...new Set(steps.map(({ run }) => run))];
  const named = runs.slice(0, NAMED_RUNS).join(", ");
  const more = runs.length > NAMED_RUNS ? ` and ${runs.length - NAMED_RUNS} more` : "";
  return `${what.join(" and ")}, ${megabytes(bytes)}, in the run${runs.length === 1 ? "" : "s"} ${named}${more}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Null where the file system cannot say. */
function freeBytes(fs: FileSystem, path: string): number | null {
  try {
    const { bavail, bsize } = fs.statfsSync(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
