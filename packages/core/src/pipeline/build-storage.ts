import type { CleanupPolicy } from "@episcope/records/store";
import { EpisodeManager, inventoryEpisode, ManifestWriter } from "@episcope/records/store";
import { isProtected } from "../contract/hooks.js";
import type { Format } from "../contract/roles.js";
import { EPISODE_MANAGER } from "../contract/services.js";
import { workerPlugin } from "../host/plugin-nodes.js";
import { placeOf, threadsRefused } from "../host/plugin-place.js";
import { EpisodeFinisher } from "../log/episode-finisher.js";
import type { StructuredLogger } from "../log/structured-logger.js";
import { type JournalSealing, sealHere, sealInWorker } from "../threads/journal-sealing.js";
import type { OpenedOutputs } from "./open-outputs.js";
import type { PipelineParts } from "./pipeline-parts.js";
import { StorageKeeper } from "./storage-keeper.js";

/** The limits of the storage, for those who write before anybody holds them. */
export class StorageLimits {
  #keeper: StorageKeeper | null = null;

  /** From now on they are held. */
  holdBy(keeper: StorageKeeper): void {
    this.#keeper = keeper;
  }

  /** Counts bytes that were written. */
  add(bytes: number): void {
    this.#keeper?.add(bytes);
  }

  /** Frees room on a full disk; gives the bytes. */
  makeRoom(): number {
    return this.#keeper?.makeRoom() ?? 0;
  }

  /** Why nothing is drawn; null while it is. */
  get drawingStopped(): string | null {
    return this.#keeper?.drawingStopped ?? null;
  }
}

/** The run's own manager where the program and the pipeline share a thread, else one that goes on with its directory. */
export function resolveManager(
  { config, fs, clock, cwd, runDir, planner, onMove }: Omit<PipelineParts, "manager">,
  limits: StorageLimits,
): EpisodeManager {
  planner.container.offer(EPISODE_MANAGER, () => {
    const manager = new EpisodeManager(config.storage, { fs, clock, cwd });
    manager.continueRun(runDir);
    return manager;
  });
  const manager = planner.container.resolve(EPISODE_MANAGER);
  manager.onWritten((bytes) => limits.add(bytes));
  manager.onMove(() => onMove?.(manager.runDir));
  return manager;
}

/** Journals are made and exported here where threads are refused, or where the format stands only in this one. */
export async function openJournals(parts: PipelineParts, outputs: OpenedOutputs): Promise<JournalSealing> {
  const { config, nodes, fs, logger } = parts;
  const { format, providers } = nodes;
  const { enable_compression: compression } = config.logging.async_logger;
  const world = { ...parts, container: parts.planner.container, providers };
  const staysHere =
    threadsRefused(parts) !== null || (format !== null && placeOf(format, world).thread !== "worker");
  if (staysHere)
    return sealHere(fs, compression, format === null ? null : await outputs.build<Format>(format));
  const plugin = format === null ? null : workerPlugin(format);
  return sealInWorker({ ...outputs.workers, renderers: [], format: plugin, compression }, logger);
}

export interface BuiltStorage {
  readonly finisher: EpisodeFinisher;
  readonly manifest: ManifestWriter;
}

/** What becomes of an episode whose journal is made. */
export function buildFinisher(parts: PipelineParts, limits: StorageLimits): BuiltStorage {
  const { nodes, identity, fs, manager, runDir, report } = parts;
  const manifest = new ManifestWriter(runDir, { fs, run: identity.name, created: identity.startTime });
  const finisher = new EpisodeFinisher({
    fs,
    manager,
    manifest,
    formatKey: nodes.format?.key ?? "logging.log_format",
    report,
    onListed: (episode) => limits.add(inventoryEpisode(identity.name, episode).logBytes),
  });
  manifest.write();
  return { finisher, manifest };
}

export interface HoldLimitsParts {
  readonly outputs: OpenedOutputs;
  readonly limits: StorageLimits;
  /** Told of episodes that were removed. */
  readonly log: StructuredLogger | null;
}

/** Holds the limits of the storage by the cleanup policy of the run, if it has one. */
export async function holdLimits(
  parts: PipelineParts,
  { finisher, manifest }: BuiltStorage,
  { outputs, limits, log }: HoldLimitsParts,
): Promise<void> {
  const { config, nodes, identity, fs, clock, logger, hooks, manager, runDir, report } = parts;
  if (nodes.policy === null) return;
  const { max_storage_gb, min_free_gb, cleanup_policy } = config.storage;
  const policy = await outputs.build<CleanupPolicy>(nodes.policy);
  manager.cleanBy({
    policy,
    protects: (episode) => isProtected(hooks, episode),
    onError: (error) => report(error, "storage.cleanup_policy"),
  });
  const keeper = new StorageKeeper({
    fs,
    clock,
    logger,
    hooks,
    base: manager.baseDir,
    run: identity.name,
    runDir,
    policy,
    policyName: cleanup_policy,
    maxBytes: max_storage_gb * 1e9,
    minFreeBytes: min_free_gb * 1e9,
    manifest,
    pictureBytes: (episode) => manager.pictures(episode).bytes,
    forget: (episode, what) => {
      finisher.forget(episode, what);
      if (what === "episode") log?.removed(episode);
    },
    report,
  });
  limits.holdBy(keeper);
}
