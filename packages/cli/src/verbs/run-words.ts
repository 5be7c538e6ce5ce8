import { resolve } from "node:path";
import type { RunReader } from "@episcope/records/store";
import { openRunWithExports } from "../recording/export-readers.js";
import { runMissing, runNotFound, type UsageError, wordUnused } from "../terminal/errors.js";
import type { ProgramIo } from "../terminal/io.js";

/**
 * Splits the words of a reading verb: the first ones that name existing directories are runs, the rest are
 * overrides. At least one run is needed.
 */
export function splitRunWords(
  verb: string,
  words: readonly string[],
  io: ProgramIo,
): { readonly runs: readonly string[]; readonly overrides: readonly string[] } {
  let count = 0;
  while (count < words.length && isDirectory(words[count]!, io)) count += 1;
  if (count === 0) {
    const first = words[0];
    if (first !== undefined && !first.includes("=") && !first.startsWith("~")) throw runNotFound(first);
    throw runMissing(verb);
  }
  return { runs: words.slice(0, count), overrides: words.slice(count) };
}

export function openRunReader(word: string, io: ProgramIo): Promise<RunReader> {
  return openRunWithExports(resolve(io.cwd, word), io);
}

/** The runs of a verb that takes nothing else. */
export function onlyRuns(verb: string, words: readonly string[], io: ProgramIo): readonly string[] {
  const { runs, overrides } = splitRunWords(verb, words, io);
  if (overrides[0] !== undefined) throw surplus(verb, overrides[0]);
  return runs;
}

/** The one run of a verb that reads one. */
export function onlyRun(verb: string, words: readonly string[], io: ProgramIo): Promise<RunReader> {
  const [run, second] = onlyRuns(verb, words, io);
  if (second !== undefined) throw wordUnused(verb, second);
  return openRunReader(run!, io);
}

/** A word without "=" is more likely a run that was misspelt. */
function surplus(verb: string, word: string): UsageError {
  return word.includes("=") ? wordUnused(verb, word) : runNotFound(word);
}

export function isDirectory(word: string, io: ProgramIo): boolean {
  return io.fs.statSync(resolve(io.cwd, word), { throwIfNoEntry: false })?.isDirectory() === true;
}
