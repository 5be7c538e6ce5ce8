import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { EPISODE_JOURNAL, fileChecksum, type Manifest, type ManifestEpisode } from "../store/manifest.js";

/**
 * The episodes of a run that is repaired: those that its journals give, and those that its manifest knew and no journal gives
 * any more. These stay listed with what is known of them. Of a run that was never closed a directory that is gone may have
 * gone by cleanup; of one that was, it is a loss.
 */
export function keepKnown(
  fs: FileSystem,
  runDir: string,
  stored: Manifest | null,
  found: readonly ManifestEpisode[],
): { readonly episodes: readonly ManifestEpisode[]; readonly lost: number } {
  if (stored === null) return { episodes: found, lost: 0 };
  const known = new Map(stored.episodes.map((episode) => [episode.dir, episode]));
  let lost = 0;
  const episodes = found.map((episode) => {
    const before = known.get(episode.dir);
    known.delete(episode.dir);
    if (before === undefined) return episode;
    const { number, key, task_id, pair_index, mode, started } = before;
    if (key !== episode.key || number !== episode.number) {
      // It is the journal of another.
      lost += 1;
      return { ...episode, number };
    }
    const hasStart = episode.task_id !== "";
    return hasStart ? episode : { ...episode, task_id, pair_index, mode, started };
  });
  for (const episode of known.values()) {
    if (!stored.complete && !fs.existsSync(join(runDir, episode.dir))) continue;
    lost += 1;
    episodes.push({ ...episode, files: present(fs, join(runDir, episode.dir), episode) });
  }
  return { episodes: episodes.sort((one, other) => one.number - other.number), lost };
}

/** The files that are there, as they are now; and the journal, so that its loss is found again. */
function present(fs: FileSystem, directory: string, { files }: ManifestEpisode): ManifestEpisode["files"] {
  return files.flatMap((file) => {
    if (file.path === EPISODE_JOURNAL) return [file];
    const sum = fileChecksum(fs, join(directory, file.path));
    return sum === null ? [] : [{ path: file.path, ...sum }];
  });
}
