import { definePlugin, type Format, type PluginDefinition } from "@episcope/core/plugin";
import { type EpisodeSource, type ExportReader, exportUnreadable } from "@episcope/records/store";
import { type EpisodeFileOptions, writeEpisode } from "./episode-file.js";
import { hdf5WriteFailed, reasonOf } from "./errors.js";
import { type Hdf5, loadHdf5 } from "./library.js";
import { readEpisode } from "./read-episode.js";
import { surveyEpisode } from "./survey.js";

export type { EpisodeFileOptions } from "./episode-file.js";
export {
  LAYOUT_VERSION,
  MAX_METRICS,
  metricDatasetName,
  PADDING,
  SELECTION_KINDS,
  UNUSED,
} from "./layout.js";

export interface Hdf5Options {
  /** gzip the chunks. Default: what `logging.compression` says, which is true. */
  readonly compression: boolean;
  /** gzip level 1..9. Default 4. */
  readonly level: number;
}

const hdf5: PluginDefinition<"format", Hdf5Options> = definePlugin<"format", Hdf5Options>({
  kind: "format",
  name: "hdf5",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    properties: {
      compression: { type: "boolean", default: true },
      level: { type: "integer", minimum: 1, maximum: 9, default: 4 },
    },
  },
  openReader: openHdf5Reader,
  create({ compression, level }, { run }) {
    return createHdf5Format({ level: compression ? level : 0, run: run.name, configHash: run.configHash });
  },
});

export default hdf5;

/** Loads the library, and gives what reads `episode.h5` back. Throws HDF5_UNAVAILABLE. */
export async function openHdf5Reader(): Promise<ExportReader> {
  const library = await loadHdf5();
  return {
    format: "hdf5",
    extensions: ["h5"],
    read(bytes, path) {
      const name = `/episode-${crypto.randomUUID()}.h5`;
      try {
        library.FS!.writeFile(name, bytes);
        const file = new library.File(name, "r");
        try {
          return readEpisode(library, file);
        } finally {
          file.close();
        }
      } catch (cause) {
        throw exportUnreadable(path, reasonOf(cause), cause);
      } finally {
        if (library.FS?.analyzePath(name, false).exists === true) library.FS.unlink(name);
      }
    },
  };
}

/** Bytes that are handed on at once. */
const PIECE_BYTES = 1 << 20;

/**
 * The format without the plugin around it. The file grows in the library's own memory, compressed chunk by chunk;
 * of the episode itself one chunk of steps is held.
 */
export function createHdf5Format(options: EpisodeFileOptions): Format {
  return {
    extension: "h5",
    encode: (episode) => encodeEpisode(episode, options),
  };
}

/** @throws EpiscopeError `HDF5_UNAVAILABLE`, `HDF5_WRITE_FAILED` */
async function* encodeEpisode(
  episode: EpisodeSource,
  options: EpisodeFileOptions,
): AsyncGenerator<Uint8Array> {
  const library = await loadHdf5();
  const path = `/episode-${crypto.randomUUID()}.h5`;
  try {
    writeFile(library, path, episode, options);
    yield* readPieces(library, path);
  } catch (cause) {
    throw hdf5WriteFailed(episode.number, cause);
  } finally {
    if (library.FS?.analyzePath(path, false).exists === true) library.FS.unlink(path);
  }
}

function writeFile(library: Hdf5, path: string, episode: EpisodeSource, options: EpisodeFileOptions): void {
  const survey = surveyEpisode(episode);
  if (survey === null) throw new Error("it has no episode-start record");
  const file = new library.File(path, "w", { libver: "v110" });
  try {
    writeEpisode(file, episode, survey, options);
  } finally {
    file.close();
  }
}

function* readPieces({ FS: fs }: Hdf5, path: string): Generator<Uint8Array> {
  if (fs === null) throw new Error("the library's file system is not there");
  const stream = fs.open(path, "r");
  try {
    const { size } = fs.stat(path);
    for (let offset = 0; offset < size; offset += PIECE_BYTES) {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, size - offset));
      fs.read(stream, piece, 0, piece.length, offset);
      yield piece;
    }
  } finally {
    fs.close(stream);
  }
}
