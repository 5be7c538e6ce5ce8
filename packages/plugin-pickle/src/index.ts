import { gzipSync } from "node:zlib";
import { definePlugin, type Format, type PluginDefinition } from "@episcope/core/plugin";
import { encodeEpisode } from "./encode-episode.js";
import { pickleExports } from "./pickle-exports.js";

export { encodeEpisode, PICKLE_EPISODE_VERSION } from "./encode-episode.js";
export { pickleExports } from "./pickle-exports.js";
export { decodePickle } from "./pickle-reader.js";
export { Float, GridArray, type PickleValue } from "./pickle-value.js";

export interface PickleOptions {
  /** gzip the file and add `.gz` to its name. Default: what `logging.compression` says, which is true. */
  readonly compression: boolean;
}

/** `log_format=pickle`: an episode as `episode.pkl` or `episode.pkl.gz`, plain data and numpy arrays. */
const pickle: PluginDefinition<"format", PickleOptions> = definePlugin<"format", PickleOptions>({
  kind: "format",
  name: "pickle",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    properties: { compression: { type: "boolean", default: true } },
  },
  openReader: () => pickleExports,
  create({ compression }, { run }): Format {
    return {
      extension: compression ? "pkl.gz" : "pkl",
      *encode(episode) {
        // Each piece is a gzip member and readable by itself.
        for (const piece of encodeEpisode(episode, run.configHash))
          yield compression ? gzipSync(piece) : piece;
      },
    };
  },
});

export default pickle;
