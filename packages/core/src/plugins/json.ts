import { gzipSync } from "node:zlib";
import { encodeJsonEpisode, jsonExports } from "@episcope/records/store";
import { definePlugin, type PluginDefinition } from "../contract/plugin.js";

export interface JsonFormatOptions {
  /** gzip the file and add `.gz` to its name. Default: what `logging.compression` says, which is true. */
  readonly compression: boolean;
}

/** Text that is gathered before it is compressed: each piece is a gzip member and readable by itself. */
const PIECE_LENGTH = 256 * 1024;

/** `log_format=json`: an episode as `episode.json` or `episode.json.gz`. */
const json: PluginDefinition<"format", JsonFormatOptions> = definePlugin<"format", JsonFormatOptions>({
  kind: "format",
  name: "json",
  options: {
    type: "object",
    additionalProperties: false,
    properties: { compression: { type: "boolean", default: true } },
  },
  openReader: () => jsonExports,
  create({ compression }, { run }) {
    return {
      extension: compression ? "json.gz" : "json",
      *encode(episode) {
        for (const text of gathered(encodeJsonEpisode(episode, { configHash: run.configHash }))) {
          const bytes = Buffer.from(text);
          yield compression ? gzipSync(bytes) : bytes;
        }
      },
    };
  },
});

export default json;

function* gathered(pieces: Iterable<string>): Generator<string> {
  let parts: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    parts.push(piece);
    length += piece.length;
    if (length < PIECE_LENGTH) continue;
    yield parts.join("");
    parts = [];
    length = 0;
  }
  if (length > 0) yield parts.join("");
}
