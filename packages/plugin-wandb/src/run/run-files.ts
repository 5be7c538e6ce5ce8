import { join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import type { ArtifactEntry } from "../format/wandb-records.js";
import { artifactEntry } from "./artifact.js";

/** What trackers keep for themselves, and what lives only while a run is written. */
const LEFT_OUT: readonly string[] = ["wandb", "trackio", "tensorboard", "log", "outputs"];
const OF_THE_MOMENT = /(^|\/)(run\.)?lock$|\.tmp$/;

/** The files of a run, for an artifact: records, exports, pictures, config. */
export function runFiles(runDir: string, fs: FileSystem): ArtifactEntry[] {
  const entries: ArtifactEntry[] = [];
  const walk = (folder: string, place: string): void => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const path = `${place}${entry.name}`;
      const file = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (place !== "" || !LEFT_OUT.includes(entry.name)) walk(file, `${path}/`);
      } else if (entry.isFile() && !OF_THE_MOMENT.test(path)) {
        entries.push(artifactEntry(path, fs.readFileSync(file), file));
      }
    }
  };
  walk(runDir, "");
  return entries;
}
