import { applyCleanup } from "../episode/apply-cleanup.js";
import { finishedRuns, type InventoryRun, inventoryEpisode, inventoryOf } from "../episode/inventory.js";
import type { ManifestWriter } from "../episode/manifest-writer.js";
import { hasTaps, type RunHooks } from "./hooks.js";
import type { Clock, FileSystem, Logger } from "./plugin.js";
import type { CleanupPolicy, CleanupStep, Inventory } from "./roles.js";

/** Where a cleanup stops, as a share of the limit: so that not every picture brings the next one. */
const LOW_WATER = 0.95;
const CHECK_FREE_MS = 1_000;

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

  constructor(options: StorageKeeperOptions) {
    this.#options = options;
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

  /** Frees a tenth of what the runs hold, for a disk that is full; gives the bytes freed. */
  makeRoom(): number {
    return this.#clean(this.totalBytes * 0.9);
  }

  /** What a plan is made from: finished episodes of all runs that are ours to clean. */
  inventory(): Inventory {
    const { run, manifest } = this.#options;
    const others = inventoryOf(this.#others);
    const own = manifest.manifest.episodes.map((episode) => ({
      ...inventoryEpisode(run, episode),
      // The manifest learns of pictures later than the disk.
      pictureBytes: this.#options.pictureBytes(episode.number),
    }));
    return { episodes: [...others.episodes, ...own], totalBytes: this.totalBytes };
  }

  #holdLimit(): void {
    const { maxBytes, policyName, logger } = this.#options;
    if (this.totalBytes <= maxBytes) return;
    this.#clean(maxBytes * LOW_WATER);
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
      `storage.max_storage_gb=${maxBytes / 1e9} is exceeded and cleanup_policy=${policyName} frees nothing: drawing ` +
        "stops, the log goes on. Run 'episcope clean storage.cleanup_policy=size_based', or raise the limit.",
    );
  }

  #clean(maxBytes: number): number {
    const { policy, fs, base, run, manifest, clock, hooks, report } = this.#options;
    if (this.#isCleaning) return 0;
    this.#isCleaning = true;
    try {
      const steps = policy.plan(this.inventory(), { maxBytes }, clock.now());
      if (steps.length === 0) return 0;
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
      for (const step of steps) if (step.run === run && !failed.includes(step)) this.#ownBytes -= step.bytes;
      this.#others = finishedRuns(fs, base).filter(({ name }) => name !== run);
      this.#otherBytes = inventoryOf(this.#others).totalBytes;
      return freed;
    } catch (error) {
      report(error, "storage.cleanup_policy");
      return 0;
    } finally {
      this.#isCleaning = false;
    }
  }

  #checkFree(): void {
    const { fs, runDir, minFreeBytes, clock, logger } = this.#options;
    this.#freeCheckedAt = clock.monotonic();
    const free = freeBytes(fs, runDir);
    if (free !== null && free < minFreeBytes) {
      this.#clean(this.totalBytes - (minFreeBytes - free));
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

/** Null where the file system cannot say. */
function freeBytes(fs: FileSystem, path: string): number | null {
  try {
    const { bavail, bsize } = fs.statfsSync(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
