import { isAbsolute, resolve } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import type { ExportReader } from "./exports/exported-episode.js";
import { type Manifest, type ManifestEpisode, readManifest } from "./manifest.js";
import { scanEpisodes, withLogged } from "./scan-episodes.js";

/** The other directory of a run that went on elsewhere when its directory could not be written any more. */
export interface RunPart {
  /** Absolute. */
  readonly dir: string;
  readonly manifest: Manifest;
  readonly episodes: readonly ManifestEpisode[];
  /** Whether it is the part in which the run went on: of an episode that both have, it has the whole. */
  readonly isLater: boolean;
}

/**
 * The other part of a run, if there is one and it can be read. A manifest may name any directory, so the other one has to
 * be of the same run; from the first part on, it has to name the first part too.
 */
export function otherPart(
  fs: FileSystem,
  runDir: string,
  manifest: Manifest,
  exports: readonly ExportReader[],
): RunPart | null {
  const isLater = manifest.continues === undefined;
  const named = isLater ? manifest.continued_in : manifest.continues;
  if (typeof named !== "string" || !isAbsolute(named) || manifest.run_id === "") return null;
  const dir = resolve(named);
  try {
    const other = readManifest(fs, dir);
    if (other === null || other.run_id !== manifest.run_id) return null;
    if (isLater && (typeof other.continues !== "string" || resolve(other.continues) !== resolve(runDir)))
      return null;
    const episodes = other.complete
      ? other.episodes
      : withLogged(fs, dir, scanEpisodes(fs, dir, { known: other.episodes, exports }));
    return { dir, manifest: other, episodes, isLater };
  } catch {
    return null;
  }
}
