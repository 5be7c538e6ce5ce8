import { createHash } from "node:crypto";
import type { RunIdentity } from "@episcope/core";
import type { WandbRecord, WandbTimestamp } from "../format/wandb-records.js";
import { configItems } from "./config-items.js";
import type { GitState } from "./git-state.js";
import type { Host } from "./host.js";
import type { WandbConfig } from "./options.js";
import { producer } from "./producer.js";
import type { ProgramCode } from "./program-code.js";
import { REQUIREMENTS_FILE } from "./requirements.js";

/** The release of the official client whose format is followed. */
const FORMAT_VERSION = "0.28.2";
/** What the official writer of that release names; readers compare it with their own version. */
const MIN_CONSUMER = "0.70.0";
/** The official client's name for it. */
const DIFF_FILE = "diff.patch";

/** What is noted about the machine and the code. */
export interface RunSurroundings {
  readonly host: Host;
  /** Null: not to be noted, or not in a repository. */
  readonly code: GitState | null;
  /** Null: not to be kept, or no file of the project. */
  readonly program: ProgramCode | null;
  /** Lines like `name==version`. */
  readonly requirements: readonly string[];
  /** Whether the run is uploaded while it is written. */
  readonly isOnline: boolean;
}

/** What stands before the first row of a log: who wrote it, the run with its config, the machine. */
export function headRecords(
  options: WandbConfig,
  { host, code, program, isOnline }: RunSurroundings,
  { run, runId, seed }: { readonly run: RunIdentity; readonly runId: string; readonly seed: string },
): WandbRecord[] {
  const { entity, project_name: project, tags, group, job_type: jobType, notes } = options;
  const startTime = timestamp(run.startTime);
  const codePath = program === null ? null : `code/${program.path}`;
  const ownConfig =
    codePath === null ? [] : [{ key: ["_wandb", "code_path"], json: JSON.stringify(codePath) }];
  return [
    { kind: "header", producer: producer(), minConsumer: MIN_CONSUMER },
    {
      ...{ kind: "run", runId, entity, project, group, jobType, displayName: run.name, notes, tags },
      config: [...configItems(run.config, run.configHash), ...ownConfig],
      startTime,
    },
    {
      kind: "environment",
      os: host.platform,
      startedAt: startTime,
      logicalCpus: host.logicalCpus,
      memoryBytes: host.memoryBytes,
      writerId: createHash("sha256").update(`writer\n${seed}`).digest("hex").slice(0, 32),
      git: code,
      codePath: program?.path ?? null,
    },
    {
      kind: "telemetry",
      formatVersion: FORMAT_VERSION,
      producer: producer(),
      platform: host.platform,
      hasTags: tags.length > 0,
      isOffline: !isOnline,
    },
  ];
}

/** Files of the run itself, by their paths below `files/`. */
export function headFiles({ code, program, requirements }: RunSurroundings): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  if (requirements.length > 0) files.set(REQUIREMENTS_FILE, Buffer.from(`${requirements.join("\n")}\n`));
  if (program !== null) files.set(`code/${program.path}`, program.bytes);
  if (code !== null && code.diff.length > 0) files.set(DIFF_FILE, code.diff);
  return files;
}

/** Nanoseconds are exact to the microsecond that a float of today's time has. */
export function timestamp(unixSeconds: number): WandbTimestamp {
  const seconds = Math.floor(unixSeconds);
  const micros = Math.round((unixSeconds - seconds) * 1e6);
  return micros === 1e6 ? { seconds: seconds + 1, nanos: 0 } : { seconds, nanos: micros * 1000 };
}
