import type { MessagePort } from "node:worker_threads";
import type { Accounting, Outcome, RunEndRecord, StreamRecord } from "@episcope/records";
import type { EpiscopeConfig } from "../config/types.js";
import type { RunIdentity } from "../contract/roles.js";
import type { PluginModule } from "../host/plugin-registry.js";
import type { CallChannel } from "../threads/call-channel.js";
import type { PackedError } from "../threads/thread-errors.js";
import type { InfoShape } from "./info-shape.js";
import type { RingBuffers } from "./ring-memory.js";

/** What the thread of a pipeline is made from; plain data. */
export interface PipelineSetup {
  readonly config: EpiscopeConfig;
  readonly identity: RunIdentity;
  readonly runDir: string;
  readonly cwd: string;
  /** Plugins that `_target_` may name, by their modules. */
  readonly plugins: readonly PluginModule[];
  readonly allowPlugins: readonly string[];
  readonly ring: RingBuffers;
  /** Records that do not fit a slot, in the order of the slots that stand for them. */
  readonly side: MessagePort;
  /** Shapes of `info`, in the order of their ids. */
  readonly shapes: MessagePort;
}

/** What a slot of kind `message` stands for; serialised, so that its bytes are known. */
export type SideMessage = {
  /** Of the episode; null for records of the run. */
  readonly number: number | null;
} & (
  | { readonly do: "take"; readonly record: StreamRecord; readonly priority: number }
  | {
      readonly do: "end";
      readonly key: string;
      readonly seq: number;
      readonly time: number;
      readonly outcome?: Outcome | undefined;
    }
);

export type ShapeMessage = InfoShape;

export type PipelineRequest =
  /** Builds everything; what a plugin throws comes back. Gives a PipelineStatus. */
  | { readonly do: "open" }
  | { readonly do: "flush"; readonly outputs: boolean }
  | { readonly do: "ready" }
  /** Gives everything that went wrong, as PackedErrors. */
  | { readonly do: "close"; readonly end: RunEndRecord };

/** `wake`: there is something in the ring, for a thread that sleeps. `cut`: a close may take no longer. */
export type PipelineNotice = { readonly do: "wake" | "cut" };

export interface ProblemMessage {
  readonly error: PackedError;
  readonly source: string;
  readonly count: number;
}

/** How the pipeline stands. */
export interface PipelineStatus {
  readonly accounting: { readonly [key: string]: Accounting };
  readonly pending: number;
  readonly pendingNames: readonly string[];
  readonly problems: readonly ProblemMessage[];
  /** Pictures and dumps that were given up to keep within the budget. */
  readonly reduced: number;
}

/** Before the answer to a request comes how the pipeline stands then. */
export type PipelineNews =
  | { readonly type: "status"; readonly status: PipelineStatus }
  /** The episode with this number is sealed and exported. */
  | { readonly type: "ended"; readonly number: number };

/** The way to the thread of a pipeline. */
export type PipelineChannel = CallChannel<PipelineRequest, PipelineNotice, PipelineNews>;
