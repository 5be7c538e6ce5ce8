import { join } from "node:path";
import type { FileSystem } from "../../disk/file-system.js";
import { exportUnreadable } from "../errors.js";
import type { ExportedEpisode, ExportReader } from "./exported-episode.js";

/** The reader for a file of that name; undefined where none takes it. */
export function exportReaderOf(name: string, readers: readonly ExportReader[]): ExportReader | undefined {
  return readers.find(({ extensions }) => extensions.some((extension) => name.endsWith(`.${extension}`)));
}

/** Reads one export. Throws EXPORT_UNREADABLE, or the system's error. */
export function readExport(fs: FileSystem, path: string, readers: readonly ExportReader[]): ExportedEpisode {
  const reader = exportReaderOf(path, readers);
  if (reader === undefined) {
    const known = readers.flatMap(({ extensions }) => extensions).join(", ");
    throw exportUnreadable(path, `its name ends in none of ${known}`);
  }
  return reader.read(fs.readFileSync(path), path);
}

/** What was found beside a journal. */
export interface FoundExport {
  /** The one with the most records; null where none can be read. */
  readonly episode: ExportedEpisode | null;
  /** Name of its file. */
  readonly file: string | null;
  /** Why the others cannot be read. */
  readonly problems: readonly string[];
}

/** Looks through the exports in an episode's directory; those of an episode with another key are left aside. */
export function findExport(
  fs: FileSystem,
  directory: string,
  readers: readonly ExportReader[],
  key?: string,
): FoundExport {
  let found: { readonly episode: ExportedEpisode; readonly file: string } | null = null;
  const problems: string[] = [];
  for (const file of exportNames(fs, directory)) {
    if (exportReaderOf(file, readers) === undefined) continue;
    try {
      const episode = readExport(fs, join(directory, file), readers);
      const own = episode.records[0]!.episode;
      if (key !== undefined && own !== key) problems.push(`${file} is of the episode '${own}'`);
      else if (found === null || episode.records.length > found.episode.records.length)
        found = { episode, file };
    } catch (error) {
      problems.push((error as Error).message.replace(/\.$/, ""));
    }
  }
  return { episode: found?.episode ?? null, file: found?.file ?? null, problems };
}

/** Names of files that may be exports of the episode, in order. */
function exportNames(fs: FileSystem, directory: string): string[] {
  try {
    return fs
      .readdirSync(directory)
      .map(String)
      .filter((name) => name.startsWith("episode."))
      .sort();
  } catch {
    return [];
  }
}
