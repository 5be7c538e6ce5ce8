import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import type { Inventory, InventoryEpisode } from "./cleanup-policy.js";
import { type Manifest, type ManifestEpisode, readManifest } from "./manifest.js";
import { isRunLocked } from "./run-lock.js";

/** A run below a base directory, as a cleanup sees it. */
export interface InventoryRun {
  /** Name of its directory. */
  readonly name: string;
  readonly manifest: Manifest;
}

/**
 * The finished runs directly below `base`: real directories with our manifest that no living process records into.
 * Everything else is not ours, and is neither counted nor touched. Costs one small file per run.
 */
export function finishedRuns(fs: FileSystem, base: string): InventoryRun[] {
  let entries: import("node:fs").Dirent[];
  try {
    entries = fs.readdirSync(base, { withFileTypes: true }) as import("node:fs").Dirent[];
  } catch {
    return [];
  }
  const runs: InventoryRun[] = [];
  for (const entry of entries) {
    // A link is no directory here: what it points at may stand anywhere.
    if (!entry.isDirectory()) continue;
    const dir = join(base, entry.name);
    let manifest: Manifest | null = null;
    try {
      manifest = readManifest(fs, dir);
    } catch {
      // Of a newer version: not ours to judge.
    }
    if (manifest !== null && !isRunLocked(fs, dir)) runs.push({ name: entry.name, manifest });
  }
  return runs;
}

export function inventoryOf(runs: readonly InventoryRun[]): Inventory {
  const episodes = runs.flatMap(({ name, manifest }) =>
    manifest.episodes.map((episode) => inventoryEpisode(name, episode)),
  );
  const totalBytes = episodes.reduce((sum, episode) => sum + episode.pictureBytes + episode.logBytes, 0);
  return { episodes, totalBytes };
}

export function inventoryEpisode(run: string, episode: ManifestEpisode): InventoryEpisode {
  return {
    run,
    number: episode.number,
    // One whose producer died has no end, but will not get one either.
    ended: episode.ended ?? episode.started,
    success: episode.outcome === "success",
    pictureBytes: episode.pictures.bytes,
    logBytes: episode.files.reduce((sum, file) => sum + file.bytes, 0),
  };
}
