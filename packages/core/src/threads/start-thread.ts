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

/** `plugins` draw and export, `sink` is one sink, `pipeline` is everything behind the ring. */
export type ThreadProgram = "plugins" | "sink" | "pipeline";

/** Starts a thread of this package; `data` is what its program is given. The thread alone does not keep the process alive. */
export function startThread(
  program: ThreadProgram,
  data: object,
  transferList: TransferListItem[] = [],
): Worker {
  const fromSource = import.meta.url.endsWith(".ts");
  const workerData = {
    ...data,
    program,
    entry: new URL(`../thread-main.${fromSource ? "ts" : "js"}`, import.meta.url).href,
    jiti: fromSource ? pathToFileURL(createRequire(import.meta.url).resolve("jiti")).href : null,
    alias: fromSource ? sourceAliases() : {},
  };
  const worker = new Worker(BOOTSTRAP, { eval: true, workerData, transferList });
  worker.unref();
  return worker;
}

/** Says why a thread is gone; perhaps twice. Gives what stops the listening. */
export function onThreadEnd(worker: Worker, listener: (reason: string) => void): () => void {
  const onError = (error: Error): void => listener(`it failed: ${error.message}`);
  const onExit = (code: number): void => listener(`it ended with code ${code}`);
  worker.on("error", onError);
  worker.on("exit", onExit);
  return () => {
    worker.off("error", onError);
    worker.off("exit", onExit);
  };
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
