import type { PlainValue } from "@episcope/records";
import type { HistoryRowsState } from "./history/history-rows.js";
import type { EpisodeBeginning } from "./history/row-fields.js";
import type { ConsoleState } from "./run/console-lines.js";

/** What the sink must know to go on with its W&B run as if it had never stopped, beside the log itself. */
export interface WandbState {
  readonly format: 1;
  /** Name of the W&B run directory. */
  readonly directory: string;
  /** Bytes of the log that the state covers; what stands behind them is written again. */
  readonly length: number;
  readonly rows: HistoryRowsState;
  /** Unix seconds of the newest record. */
  readonly time: number;
  readonly console: ConsoleState;
  readonly episodes: readonly (readonly [number: number, beginning: EpisodeBeginning])[];
}

/** Null where a resumed run has no state of this format. */
export function wandbState(value: PlainValue | null | undefined): WandbState | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const state = value as unknown as WandbState;
  return state.format === 1 && typeof state.directory === "string" && typeof state.length === "number"
    ? state
    : null;
}
