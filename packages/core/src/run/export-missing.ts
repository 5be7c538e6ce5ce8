import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { FileSystem, ManifestEpisode, RunReader } from "@episcope/records/store";
import { readManifest, writeManifest } from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import { exportFailed } from "../contract/errors.js";
import { createRunHooks } from "../contract/hooks.js";
import type { Format } from "../contract/roles.js";
import { pictureSettings } from "../host/picture-settings.js";
import { pluginContext } from "../host/plugin-context.js";
import { buildNode, type NodePlanner, type PlannedNode, planFormat } from "../host/plugin-nodes.js";
import type { ProblemLog } from "../pipeline/problem-log.js";
import { exportJournal } from "../threads/export-journal.js";
import { unpackError } from "../threads/thread-errors.js";

export interface ExportMissingOptions {
  readonly fs: FileSystem;
  readonly problems: ProblemLog;
  readonly config: EpiscopeConfig;
  readonly planner: NodePlanner;
}

/** Exports the episodes of a run that have no export in `logging.log_format`, and lists the files; gives their number. */
export async function exportMissing(
  { fs, problems, config, planner }: ExportMissingOptions,
  run: RunReader,
): Promise<number> {
  let node: PlannedNode | null;
  try {
    node = await planFormat(planner);
  } catch (error) {
    problems.report(error, "logging.log_format");
    return 0;
  }
  if (node === null) return 0;
  const { name, key } = node;
  const place = {
    ...{ name, configKey: key, resume: null },
    picture: pictureSettings(config.visualization),
    paths: { runDir: run.dir, episodeDir: (number: number) => run.episodeDir(number) },
    hooks: createRunHooks(),
    signal: new AbortController().signal,
  };
  const format = await buildNode<Format>(node, pluginContext(planner.container, place));
  let count = 0;
  for (const { number, files } of run.episodes) {
    if (files.some(({ path }) => path === `episode.${format.extension}`)) continue;
    const journal = run.journalPath(number);
    if (!fs.existsSync(journal)) continue;
    const { exported, exportError } = await exportJournal(fs, journal, number, format);
    if (exportError !== null) problems.report(exportFailed(key, number, unpackError(exportError)), key);
    if (exported === null) continue;
    list(fs, run.episodeDir(number), number, exported);
    count += 1;
  }
  return count;
}

function list(fs: FileSystem, episodeDir: string, number: number, name: string): void {
  const runDir = dirname(episodeDir);
  const manifest = readManifest(fs, runDir);
  if (manifest === null) return;
  const bytes = fs.readFileSync(join(episodeDir, name));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = { path: name, bytes: bytes.length, sha256 };
  const withFile = (episode: ManifestEpisode): ManifestEpisode =>
    episode.number === number ? { ...episode, files: [...episode.files, file] } : episode;
  writeManifest(fs, runDir, { ...manifest, episodes: manifest.episodes.map(withFile) });
}
