import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type TransferListItem, Worker } from "node:worker_threads";

/**
 * The first lines of a thread: plain JavaScript, so that it starts from a build and from source alike. They hold in a script
 * and in a module: which of the two they are is decided by the flags of the process (`--input-type`).
 */
const BOOTSTRAP = `
import("node:worker_threads")
  .then(async ({ workerData: { entry, jiti, alias } }) => {
    if (jiti === null) return import(entry);
    const { createJiti } = await import(jiti);
    return createJiti(entry, { tryNative: false, extensions: [".ts"], alias }).import(entry);
  })
  .catch((error) => { throw error; });
`;

/**
 * Starts a thread with a module of this package; `entry` is its path below `src`, without extension. The members of
 * `data` are the thread's `workerData`. The thread alone does not keep the process alive.
 */
export function startThread(entry: string, data: object, transferList: TransferListItem[] = []): Worker {
  const fromSource = import.meta.url.endsWith(".ts");
  const workerData = {
    ...data,
    entry: new URL(`../${entry}.${fromSource ? "ts" : "js"}`, import.meta.url).href,
    jiti: fromSource ? pathToFileURL(createRequire(import.meta.url).resolve("jiti")).href : null,
    alias: fromSource ? sourceAliases() : {},
  };
  const worker = new Worker(BOOTSTRAP, { eval: true, workerData, transferList });
  worker.unref();
  return worker;
}

/** From source only: where each package of this repository has its TypeScript. */
function sourceAliases(): Record<string, string> {
  const alias: Record<string, string> = {};
  const packages = join(dirname(fileURLToPath(import.meta.url)), "../../..");
  for (const folder of readdirSync(packages)) {
    const file = join(packages, folder, "package.json");
    if (!existsSync(file)) continue;
    const { name, exports } = JSON.parse(readFileSync(file, "utf8")) as {
      name: string;
      exports?: Record<string, unknown>;
    };
    for (const [path, target] of Object.entries(exports ?? {})) {
      const source = (target as Record<string, unknown> | null)?.["@episcope/source"];
      if (typeof source === "string") alias[join(name, path)] = join(packages, folder, source);
    }
  }
  return alias;
}
