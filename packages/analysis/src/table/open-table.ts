import { createHash } from "node:crypto";
import { join } from "node:path";
import { EPISODE_JOURNAL, type FileSystem, type RunReader } from "@episcope/records/store";
import { buildStepTable } from "./build-table.js";
import type { StepTable } from "./step-table.js";
import { decodeTable, encodeTable } from "./table-file.js";

/** Below the run's directory. May be deleted at any time: it is made again. */
export const TABLE_FILE = ".episcope/steps.index";

export interface OpenTableOptions {
  readonly fs: FileSystem;
  /** Whether a table that had to be made is kept in the run's directory. Default true; a run that goes on is never kept. */
  readonly keep?: boolean;
}

/**
 * The steps of a run as columns: from the file beside it where that is of the same episodes, else made from the journals
 * and kept for the next time, where the directory can be written.
 */
export function openStepTable(run: RunReader, { fs, keep = true }: OpenTableOptions): StepTable {
  const path = join(run.dir, TABLE_FILE);
  const fingerprint = fingerprintOf(run);
  let built: StepTable | undefined;
  const build = (): StepTable => {
    built ??= buildStepTable(run);
    return built;
  };
  const kept = fingerprint === null ? null : readKept(fs, path, fingerprint, build);
  if (kept !== null) return kept;
  const table = build();
  if (keep && fingerprint !== null) writeKept(fs, path, encodeTable(table, fingerprint));
  return table;
}

/** Of what the manifest says about the journals; null for a run that may still grow. */
function fingerprintOf(run: RunReader): string | null {
  if (!run.manifest.complete) return null;
  const hash = createHash("sha256").update(run.manifest.run_id);
  for (const { number, dir, files } of run.episodes) {
    const journal = files.find(({ path }) => path === EPISODE_JOURNAL);
    hash.update(`\n${number} ${dir} ${journal?.sha256 ?? ""}`);
  }
  return hash.digest("hex");
}

function readKept(
  fs: FileSystem,
  path: string,
  fingerprint: string,
  rebuild: () => StepTable,
): StepTable | null {
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(path);
  } catch {
    return null;
  }
  return decodeTable(bytes, fingerprint, rebuild);
}

function writeKept(fs: FileSystem, path: string, bytes: Uint8Array): void {
  const aside = `${path}.${process.pid}`;
  try {
    fs.writeFileSync(aside, bytes);
    fs.renameSync(aside, path);
  } catch {
    // A run that cannot be written, on a read-only medium for instance, is read all the same.
    fs.rmSync(aside, { force: true });
  }
}
