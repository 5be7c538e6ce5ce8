import { join } from "node:path";
import type { PluginDefinition } from "@episcope/core";
import {
  EPISODE_JOURNAL,
  type ExportReader,
  exportUnreadable,
  jsonExports,
  RunReader,
} from "@episcope/records/store";
import { builtinPlugins } from "../compose/builtin-plugins.js";
import type { ProgramIo } from "../terminal/io.js";

/** Formats whose readers are loaded where a file of theirs is met: one of them brings a library along. */
const LOADED: readonly { readonly name: string; readonly extensions: readonly string[] }[] = [
  { name: "hdf5", extensions: ["h5"] },
  { name: "pickle", extensions: ["pkl", "pkl.gz"] },
];

/** Of the files that can be read, without the dot. */
export const EXPORT_EXTENSIONS: readonly string[] = [
  ...jsonExports.extensions,
  ...LOADED.flatMap(({ extensions }) => extensions),
];

/** The readers for files of these names. */
export async function readersFor(names: readonly string[]): Promise<readonly ExportReader[]> {
  const readers: ExportReader[] = [jsonExports];
  for (const { name, extensions } of LOADED) {
    const isMet = names.some((file) => extensions.some((extension) => file.endsWith(`.${extension}`)));
    if (isMet) readers.push(await loadReader(name, extensions));
  }
  return readers;
}

/** The readers for what is in the episodes' directories of a run. */
export function readersIn(dir: string, { fs }: ProgramIo): Promise<readonly ExportReader[]> {
  const names = new Set<string>();
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    for (const name of fs.readdirSync(join(dir, entry.name))) {
      if (String(name).startsWith("episode.")) names.add(String(name));
    }
  }
  return readersFor([...names]);
}

async function loadReader(name: string, extensions: readonly string[]): Promise<ExportReader> {
  const entry = builtinPlugins().find((plugin) => plugin.kind === "format" && plugin.name === name);
  let problem = `the package @episcope/plugin-${name}, which reads it, is not installed`;
  try {
    const loaded = entry !== undefined && "load" in entry ? await entry.load() : undefined;
    const { openReader } = ((loaded as { default?: object } | undefined)?.default ??
      {}) as Partial<PluginDefinition>;
    if (openReader !== undefined) return await openReader();
  } catch (error) {
    problem = (error as Error).message.replace(/\.$/, "");
  }
  return {
    format: name,
    extensions,
    read(_bytes, path) {
      throw exportUnreadable(path, problem);
    },
  };
}

/** Opens a run for reading; where journals of it are missing, exports of every format stand in for them. */
export async function openRunWithExports(dir: string, io: ProgramIo): Promise<RunReader> {
  let run: RunReader;
  try {
    run = new RunReader(dir, { fs: io.fs });
  } catch (error) {
    if ((error as { code?: unknown }).code !== "RUN_NOT_FOUND") throw error;
    return new RunReader(dir, { fs: io.fs, exports: await readersIn(dir, io) });
  }
  const names = run.episodes.flatMap(({ number, files }) => {
    const exports = files.map(({ path }) => path).filter((path) => path !== EPISODE_JOURNAL);
    const isKept = exports.length === 0 || (io.fs.statSync(run.journalPath(number), QUIETLY)?.size ?? 0) > 0;
    return isKept ? [] : exports;
  });
  const readers = await readersFor(names);
  return readers.length === 1 ? run : new RunReader(dir, { fs: io.fs, exports: readers });
}

const QUIETLY = { throwIfNoEntry: false } as const;
