import { type Composition, savedData } from "@episcope/config";
import { lockValues, readLock } from "@episcope/core/config";
import type { ProgramIo } from "../terminal/io.js";
import { type ComposeFlags, composeConfig } from "./compose-run.js";
import { lockFileAt } from "./config-lock.js";
import { flatValues } from "./flat-values.js";

/** One side of a comparison: a config, its values by key, and where each was written. */
export interface ConfigSide {
  readonly values: ReadonlyMap<string, string>;
  readonly originOf: (key: string) => string;
}

/**
 * The config that a word of `config diff` names: a run directory (its recorded config), a lock file, or overrides with
 * blanks between them (`storage=production`; `.` for none).
 */
export async function configSide(word: string, flags: ComposeFlags, io: ProgramIo): Promise<ConfigSide> {
  const file = word.includes("=") ? undefined : lockFileAt(word, io);
  if (file !== undefined) {
    const { config, origins = {} } = readLock(io.fs, file);
    return { values: flatValues(config), originOf: (key) => origins[key] ?? word };
  }
  const words = word === "." ? [] : word.split(/\s+/);
  const composition = await composeConfig<unknown>("config", words, flags, io);
  const values = flatValues(lockValues(savedData(composition.config as object)));
  return { values, originOf: (key) => originOf(composition, key) };
}

/** The file and line, or the override, that a value comes from. */
export function originOf(composition: Composition<unknown>, key: string): string {
  const winner = composition.explain(key)?.winner;
  if (winner?.override !== undefined)
    return `override ${winner.override}${winner.from === undefined ? "" : ` (${winner.from})`}`;
  if (winner?.file === undefined) return winner?.name ?? winner?.kind ?? "";
  return winner.line === undefined ? winner.file : `${winner.file}:${winner.line}`;
}
