import { gunzipSync } from "node:zlib";
import { isObject, unescapePlain } from "../../record/plain.js";
import { exportUnreadable } from "../errors.js";
import { type ExportedEpisode, type ExportReader, exportedEpisode } from "./exported-episode.js";
import { JSON_EPISODE_VERSION } from "./json-episode.js";

/** Text of an export once it is inflated; what unpacks to more is no episode of ours. */
const MAX_BYTES = 400e6;

/** Reads `episode.json` and `episode.json.gz`. */
export const jsonExports: ExportReader = {
  format: "json",
  extensions: ["json", "json.gz"],
  read(bytes, path) {
    try {
      return readEpisode(bytes);
    } catch (cause) {
      throw exportUnreadable(path, (cause as Error).message.replace(/\.$/, ""), cause);
    }
  },
};

function readEpisode(bytes: Uint8Array): ExportedEpisode {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = Buffer.from(isGzip ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes).toString();
  const { format, version, steps, ...head } = unescapePlain(JSON.parse(text)) as { [name: string]: unknown };
  if (format !== "episcope-episode") throw new Error("it does not say 'format: episcope-episode'");
  if (version !== JSON_EPISODE_VERSION) {
    throw new Error(`it has version ${String(version)}, this program reads ${JSON_EPISODE_VERSION}`);
  }
  if (!isObject(head) || !Array.isArray(steps)) throw new Error("it has no list of steps");
  return exportedEpisode(head, steps);
}
