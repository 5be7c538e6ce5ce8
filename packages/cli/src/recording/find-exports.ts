import { join, relative, resolve } from "node:path";
import { type ExportedEpisode, exportReaderOf, exportUnreadable, readExport } from "@episcope/records/store";
import { exportsNotFound, inputFileMissing } from "../terminal/errors.js";
import type { ProgramIo } from "../terminal/io.js";
import { EXPORT_EXTENSIONS, readersFor } from "./export-readers.js";

/** An episode and the file that it was read from, as it is shown. */
export interface FoundEpisode {
  readonly file: string;
  readonly episode: ExportedEpisode;
}

export interface FoundEpisodes {
  readonly episodes: readonly FoundEpisode[];
  /** Why other files could not be read. */
  readonly problems: readonly Error[];
}

/** Exports in a folder; what is named itself may have any name with one of their extensions. */
const EXPORT_NAME = /^episode\b.*\.(?:json|json\.gz|h5|pkl|pkl\.gz)$/;
/** How deep below a folder exports are looked for. */
const MOST_LEVELS = 7;

/**
 * Reads the exports that words name: files, and folders with exports in them or below. Of several exports of one episode beside
 * each other the one with the most records is taken. In the order of their episodes, folder by folder.
 */
export async function findEpisodes(words: readonly string[], io: ProgramIo): Promise<FoundEpisodes> {
  const groups = words.flatMap((word) => {
    const path = resolve(io.cwd, word);
    const stat = io.fs.statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw inputFileMissing(word);
    if (!stat.isDirectory()) return [[path]];
    const found = exportsBelow(path, io, MOST_LEVELS);
    if (found.length === 0) throw exportsNotFound(word);
    return found;
  });
  const readers = await readersFor(groups.flat());
  const episodes: FoundEpisode[] = [];
  const problems: Error[] = [];
  for (const paths of groups) {
    const readable: FoundEpisode[] = [];
    const failures: Error[] = [];
    for (const path of paths) {
      try {
        const file = shown(path, io);
        if (exportReaderOf(path, readers) === undefined) {
          throw exportUnreadable(file, `its name ends in none of ${EXPORT_EXTENSIONS.join(", ")}`);
        }
        readable.push({ file, episode: readExport(io.fs, path, readers) });
      } catch (error) {
        failures.push(error as Error);
      }
    }
    const best = readable.reduce<FoundEpisode | null>(
      (most, one) =>
        most !== null && most.episode.records.length >= one.episode.records.length ? most : one,
      null,
    );
    if (best === null) problems.push(...failures);
    else episodes.push(best);
  }
  return { episodes, problems };
}

/** Groups of files that are the same episode in several formats; folders of episodes in the order of their numbers. */
function exportsBelow(dir: string, io: ProgramIo, levels: number): string[][] {
  const entries = io.fs.readdirSync(dir, { withFileTypes: true });
  const groups = new Map<string, string[]>();
  for (const entry of entries) {
    if (!entry.isFile() || !EXPORT_NAME.test(entry.name)) continue;
    const stem = entry.name.replace(/\.(?:json|h5|pkl)(?:\.gz)?$/, "");
    groups.set(stem, [...(groups.get(stem) ?? []), join(dir, entry.name)]);
  }
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const below = levels === 0 ? [] : inOrder(names.map(({ name }) => name));
  return [
    ...inOrder([...groups.keys()]).map((stem) => groups.get(stem)!.sort()),
    ...below.flatMap((name) => exportsBelow(join(dir, name), io, levels - 1)),
  ];
}

/** By name, numbers in names by their value. */
function inOrder(names: readonly string[]): string[] {
  return [...names].sort(new Intl.Collator("en", { numeric: true }).compare);
}

function shown(path: string, io: ProgramIo): string {
  const short = relative(io.cwd, path);
  return short === "" || short.startsWith("..") ? path : short;
}
