import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { compileNameFormat, type NameFormat, stampFormat } from "./name-format.js";
import { MARK_DIRECTORY } from "./run-lock.js";

const DEFAULT_FORMAT = "episode_{episode:04d}";
const DEFAULT_STEP_FORMAT = "step_{step:03d}";

/** What the config of a run that has been recorded says of its files. */
export interface RecordedNames {
  /** Of the episodes' directories. */
  readonly episodeDir: NameFormat;
  /** Of the pictures of steps, without their extension. */
  readonly stepFile: NameFormat;
  /** With `structured_logging: false` the log is only there for the outputs: no journals are made of it. */
  readonly isSpool: boolean;
}

/** From `.episcope/config.lock.json`; the defaults where that cannot be read. */
export function recordedNames(fs: FileSystem, runDir: string): RecordedNames {
  let format: unknown;
  let stepFormat: unknown;
  let isSpool = false;
  try {
    const text = fs.readFileSync(join(runDir, MARK_DIRECTORY, "config.lock.json"), "utf8");
    const { config, started } = JSON.parse(text) as {
      config?: { [group: string]: { [key: string]: unknown } };
      started?: string;
    };
    const start = Date.parse(String(started)) / 1000;
    format = config?.["storage"]?.["episode_dir_format"];
    if (typeof format === "string" && !Number.isNaN(start)) format = stampFormat(format, start);
    stepFormat = config?.["storage"]?.["step_file_format"];
    isSpool = config?.["logging"]?.["structured_logging"] === false;
  } catch {
    // A run without a config, of a program that uses the store alone.
  }
  return {
    episodeDir: compiled(format, "episode") ?? compiled(DEFAULT_FORMAT, "episode")!,
    stepFile: compiled(stepFormat, "step") ?? compiled(DEFAULT_STEP_FORMAT, "step")!,
    isSpool,
  };
}

function compiled(format: unknown, field: "episode" | "step"): NameFormat | null {
  if (typeof format !== "string") return null;
  try {
    return compileNameFormat(
      `storage.${field === "step" ? "step_file" : "episode_dir"}_format`,
      format,
      field,
    );
  } catch {
    return null;
  }
}
