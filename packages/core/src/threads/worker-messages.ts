import type { PictureSettings, StepView, SummaryView } from "@episcope/records";
import type { PictureSize, RunIdentity } from "../contract/roles.js";
import type { WorkerPlugin } from "../host/plugin-nodes.js";
import type { PackedError } from "./thread-errors.js";

export interface WorkerSetup {
  readonly run: RunIdentity;
  readonly runDir: string;
  /** Names of the episodes' directories come from this format. */
  readonly episodeDirFormat: string;
  readonly picture: PictureSettings;
  /** By the name of the node. */
  readonly renderers: readonly WorkerPlugin[];
  /** The format that finished episodes are exported in; null for none, or for one on the main thread. */
  readonly format: WorkerPlugin | null;
}

/** What is drawn: a view, or an episode that the worker reads from its journal. */
export type WorkerView =
  | { readonly view: StepView | SummaryView }
  | { readonly journal: string; readonly number: number };

export interface RendererTraits {
  readonly mediaType: string;
  readonly extension: string;
  readonly kinds: readonly string[];
}

export type WorkerRequest =
  | { readonly do: "describe"; readonly renderer: string }
  | {
      readonly do: "finish";
      readonly journal: string;
      readonly number: number;
      /** Of the sealed journal. */
      readonly compression: boolean;
    }
  | {
      readonly do: "render";
      readonly renderer: string;
      readonly what: WorkerView;
      /** Undefined: the picture's natural size. */
      readonly size: PictureSize | undefined;
    };

/** What became of an episode's journal. Errors are told, not thrown: one does not keep the other from being done. */
export interface FinishedJournal {
  readonly sealError: PackedError | null;
  /** Name of the exported file; null where there is none. */
  readonly exported: string | null;
  readonly exportError: PackedError | null;
}
