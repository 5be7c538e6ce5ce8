import type { PictureSettings, StepView, SummaryView } from "@episcope/records";
import type { PictureSize, RunIdentity } from "../contract/roles.js";
import type { WorkerPlugin } from "../host/plugin-nodes.js";
import type { SealRequest } from "./seal-journals.js";

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
  /** Of sealed journals. */
  readonly compression: boolean;
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
  /** Gives a SealReport. */
  | { readonly do: "seal"; readonly request: SealRequest }
  /** Gives an ExportedJournal. */
  | { readonly do: "export"; readonly journal: string; readonly number: number }
  | {
      readonly do: "render";
      readonly renderer: string;
      readonly what: WorkerView;
      /** Undefined: the picture's natural size. */
      readonly size: PictureSize | undefined;
    };
