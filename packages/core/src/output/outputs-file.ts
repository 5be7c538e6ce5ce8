import { join } from "node:path";
import type { PlainValue } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import { outputsFileInvalid } from "../contract/errors.js";
import type { OutputProgress } from "./async-logger.js";
import type { StreamCursor } from "./sink-queue.js";

/** In the directory of a run: how far each output has come. */
export const OUTPUTS_FILE = "outputs.json";
const VERSION = 2;

/** How far the outputs of a run have come, by their config keys. */
export interface SavedOutputs {
  readonly outputs: ReadonlyMap<string, OutputProgress>;
  /** Config keys of the nodes whose plugins tap `outgoing`: without them no sink may go on. */
  readonly filters: readonly string[];
}

interface OutputsJson {
  readonly version: number;
  readonly outgoing?: readonly string[];
  readonly outputs: {
    readonly [key: string]: {
      readonly cursors: {
        readonly [stream: string]: {
          readonly position: number;
          readonly written: number;
          readonly dropped: { readonly [reason: string]: number };
        };
      };
      readonly state: PlainValue | null;
      readonly waiting: number;
      readonly gave_up: string | null;
    };
  };
}

/** The text of `outputs.json`. */
export function outputsJson({ outputs, filters }: SavedOutputs): string {
  const file: OutputsJson = {
    version: VERSION,
    ...(filters.length > 0 ? { outgoing: filters } : {}),
    outputs: Object.fromEntries(
      [...outputs].map(([key, { cursors, state, waiting, gaveUp }]) => {
        const entries = [...cursors].map(([stream, { position, written, reasons }]) => [
          stream,
          { position, written, dropped: reasons },
        ]);
        return [key, { cursors: Object.fromEntries(entries), state, waiting, gave_up: gaveUp }];
      }),
    ),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Null where the run has none. Throws OUTPUTS_FILE_INVALID. */
export function readOutputs(fs: FileSystem, runDir: string): SavedOutputs | null {
  const path = join(runDir, OUTPUTS_FILE);
  if (!fs.existsSync(path)) return null;
  try {
    const { version, outputs, outgoing = [] } = JSON.parse(fs.readFileSync(path, "utf8")) as OutputsJson;
    if (version !== VERSION) throw new Error(`it has version ${version}, and this program knows ${VERSION}`);
    return {
      filters: outgoing,
      outputs: new Map(
        Object.entries(outputs).map(([key, { cursors, state, waiting, gave_up }]) => {
          const entries = Object.entries(cursors).map(([stream, { position, written, dropped }]) => {
            const cursor: StreamCursor = { position, written, reasons: dropped };
            return [stream, cursor] as const;
          });
          return [key, { cursors: new Map(entries), state, waiting, gaveUp: gave_up }];
        }),
      ),
    };
  } catch (cause) {
    throw outputsFileInvalid(path, cause);
  }
}
