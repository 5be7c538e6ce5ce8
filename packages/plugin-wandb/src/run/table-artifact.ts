import type { FileSystem } from "@episcope/records/store";
import type { ArtifactEntry, ArtifactRecord } from "../format/wandb-records.js";
import { artifactEntry } from "./artifact.js";
import { type EpisodeTableFiles, TABLE_KEY } from "./episode-table.js";
import type { RunDirectory } from "./run-directory.js";

const TABLE_FILE = `${TABLE_KEY}.table.json`;

export interface TableArtifact {
  readonly entries: readonly ArtifactEntry[];
  /** What a row says of the artifact beside the table's own file. */
  linksTo(artifact: ArtifactRecord): { readonly [field: string]: string };
}

/** The files of a table's artifact; its pictures stand below `files/` already. One that is gone is left out. */
export function tableArtifact(
  { shown, typed, pictures }: EpisodeTableFiles,
  { directory, fs }: { readonly directory: RunDirectory; readonly fs: FileSystem },
): TableArtifact {
  const name = `${TABLE_KEY}_${String(shown.value["sha256"]).slice(0, 20)}.table.json`;
  const entries = [artifactEntry(TABLE_FILE, typed, directory.writeArtifactFile(name, typed))];
  for (const [path, place] of pictures) {
    const file = directory.pathOf(path);
    if (fs.existsSync(file)) entries.push(artifactEntry(place, fs.readFileSync(file), file));
  }
  return {
    entries,
    linksTo: ({ clientId, sequenceClientId }) => ({
      artifact_path: `wandb-client-artifact://${clientId}/${TABLE_FILE}`,
      _latest_artifact_path: `wandb-client-artifact://${sequenceClientId}:latest/${TABLE_FILE}`,
    }),
  };
}
