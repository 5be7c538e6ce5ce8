import { basename, dirname, relative, resolve } from "node:path";
import { findRuns, isRunDirectory } from "@episcope/analysis";
import { RunReader } from "@episcope/records/store";
import { runMissing, runNotFound, runsNotFound, wordUnused } from "../terminal/errors.js";
import type { ProgramIo } from "../terminal/io.js";
import { isDirectory } from "./run-words.js";

/** The runs that words name, each itself or a folder with runs below it; absolute, each once. Throws where one names none. */
export function runsOf(verb: string, words: readonly string[], io: ProgramIo): readonly string[] {
  if (words.length === 0) throw runMissing(verb);
  const dirs = words.flatMap((word) => {
    if (!isDirectory(word, io)) throw runNotFound(word);
    const runs = findRuns(io.fs, resolve(io.cwd, word));
    if (runs.length === 0) throw runsNotFound(word);
    return runs;
  });
  return [...new Set(dirs)];
}

/** Whether a word names a run itself, and no folder of runs. */
export function isRunWord(word: string, io: ProgramIo): boolean {
  return isRunDirectory(io.fs, resolve(io.cwd, word));
}

/** Splits words into those that name directories and the others. */
export function directoriesFirst(
  words: readonly string[],
  io: ProgramIo,
): { readonly directories: readonly string[]; readonly others: readonly string[] } {
  return {
    directories: words.filter((word) => isDirectory(word, io)),
    others: words.filter((word) => !isDirectory(word, io)),
  };
}

/** A run, or one of its episodes: RUN/episode_0003 names one by its directory. */
export interface RunPlace {
  /** Absolute. */
  readonly dir: string;
  /** From 1; null for the run. */
  readonly episode: number | null;
}

/** Throws CLI_RUN_NOT_FOUND where the word names no directory, RUN_NOT_FOUND where it names one without a run. */
export function runPlace(word: string, io: ProgramIo): RunPlace {
  const path = resolve(io.cwd, word);
  if (isRunDirectory(io.fs, path)) return { dir: path, episode: null };
  const parent = dirname(path);
  if (isRunDirectory(io.fs, parent)) {
    const run = new RunReader(parent, { fs: io.fs });
    const episode = run.episodes.find(({ dir }) => dir === basename(path));
    if (episode !== undefined) return { dir: parent, episode: episode.number };
  }
  if (isDirectory(word, io)) {
    // Says what a run directory has that this one lacks.
    return { dir: new RunReader(path, { fs: io.fs }).dir, episode: null };
  }
  throw runNotFound(word);
}

/** How a run is named in what is printed: as a path from where the program runs. */
export function shownPath(dir: string, io: ProgramIo): string {
  const path = relative(io.cwd, dir);
  return path === "" ? "." : path.startsWith("..") ? dir : path;
}

/** Exactly two places. */
export function twoPlaces(
  verb: string,
  words: readonly string[],
  io: ProgramIo,
): readonly [RunPlace, RunPlace] {
  const [a, b, third] = words;
  if (a === undefined || b === undefined) throw runMissing(verb);
  if (third !== undefined) throw wordUnused(verb, third);
  return [runPlace(a, io), runPlace(b, io)];
}
