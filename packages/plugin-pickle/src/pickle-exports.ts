import { gunzipSync } from "node:zlib";
import { isObject } from "@episcope/records";
import {
  type ExportedEpisode,
  type ExportReader,
  exportedEpisode,
  exportUnreadable,
} from "@episcope/records/store";
import { PICKLE_EPISODE_VERSION } from "./encode-episode.js";
import { decodePickle } from "./pickle-reader.js";

/** Bytes of an export once it is inflated; what unpacks to more is no episode of ours. */
const MAX_BYTES = 1e9;

/** Reads `episode.pkl` and `episode.pkl.gz`; what none of ours does is refused, so that a file from elsewhere can do nothing. */
export const pickleExports: ExportReader = {
  format: "pickle",
  extensions: ["pkl", "pkl.gz"],
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
  const value = decodePickle(isGzip ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes);
  if (!isObject(value)) throw new Error("it is no dict");
  const { format, version, steps, ...head } = value;
  if (format !== "episcope-episode") throw new Error("it does not say 'format: episcope-episode'");
  if (version !== PICKLE_EPISODE_VERSION) {
    throw new Error(`it has version ${String(version)}, this program reads ${PICKLE_EPISODE_VERSION}`);
  }
  if (!Array.isArray(steps)) throw new Error("it has no list of steps");
  return exportedEpisode(head, steps);
}
