import { join, resolve } from "node:path";
import { type Composition, compose, memorySource } from "@episcope/config";
import type { ProgramIo } from "../terminal/io.js";
import { type ComposeFlags, composeConfig } from "./compose-run.js";

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
  const path = resolve(io.cwd, word);
  const lock = [path, join(path, ".episcope", "config.lock.json")].find((file) => isFile(io, file));
  const composition =
    lock === undefined || word.includes("=")
      ? await composeConfig<unknown>("config", word === "." ? [] : word.split(/\s+/), flags, io)
      : await recordedComposition(lock, io);
  const values = new Map<string, string>();
  collect(composition.config, "", values);
  return { values, originOf: (key) => originOf(composition, key) };
}

function isFile(io: ProgramIo, path: string): boolean {
  return io.fs.existsSync(path) && io.fs.statSync(path).isFile();
}

async function recordedComposition(file: string, io: ProgramIo): Promise<Composition<unknown>> {
  const lock = JSON.parse(String(io.fs.readFileSync(file, "utf8"))) as { readonly config?: unknown };
  const text = JSON.stringify(lock.config ?? lock);
  return compose<unknown>({
    source: memorySource({ "config.yaml": text }, { label: () => file }),
    name: "config",
  });
}

function collect(value: unknown, key: string, values: Map<string, string>): void {
  if (
    typeof value !== "object" ||
    value === null ||
    Array.isArray(value) ||
    Object.keys(value).length === 0
  ) {
    values.set(key, JSON.stringify(value));
    return;
  }
  for (const [name, item] of Object.entries(value))
    collect(item, key === "" ? name : `${key}.${name}`, values);
}

/** The file and line, or the override, that a value comes from. */
export function originOf(composition: Composition<unknown>, key: string): string {
  const winner = composition.explain(key)?.winner;
  if (winner?.override !== undefined)
    return `override ${winner.override}${winner.from === undefined ? "" : ` (${winner.from})`}`;
  if (winner?.file === undefined) return winner?.name ?? winner?.kind ?? "";
  return winner.line === undefined ? winner.file : `${winner.file}:${winner.line}`;
}
