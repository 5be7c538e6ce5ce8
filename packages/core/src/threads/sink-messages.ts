import type { MessagePort } from "node:worker_threads";
import type { PictureSettings } from "@episcope/records";
import type { RunHooks } from "../contract/hooks.js";
import type { PluginContext } from "../contract/plugin.js";
import type { PictureSize, RunIdentity, SinkItem } from "../contract/roles.js";
import type { WorkerPlugin } from "../host/plugin-nodes.js";
import type { PackedError } from "./thread-errors.js";

export type HookName = keyof RunHooks;

/** The hooks that nobody waits for; the others are awaited, in the sink's thread as here. */
export const SYNC_HOOKS: readonly HookName[] = ["episodeStart", "step", "artifact"];

/** What a thread needs to build one sink; plain data. */
export interface SinkSetup {
  readonly run: RunIdentity;
  readonly runDir: string;
  readonly episodeDirFormat: string;
  readonly picture: PictureSettings;
  readonly sink: WorkerPlugin;
  /** Where it goes on after an interruption; null for a sink that begins with the run. */
  readonly resume: PluginContext["resume"];
}

/** A port of its own, which can be read synchronously, unlike the thread's. */
export interface SinkThreadData extends SinkSetup {
  readonly port: MessagePort;
  /** Three int32, see `PROGRESS`. */
  readonly progress: SharedArrayBuffer;
}

/** Where the thread counts: anything it did (what is waited on), events it has handled, and 1 once it ends. */
export const PROGRESS = { any: 0, events: 1, ended: 2 } as const;

export interface SinkTraits {
  readonly accepts: readonly string[];
  readonly pictureSize: PictureSize | undefined;
}

export type SinkRequest =
  | { readonly do: "open" }
  /** Null: the batch of the call before, which the thread still has; it is tried again. */
  | { readonly do: "write"; readonly batch: readonly SinkItem[] | null }
  | { readonly do: "flush" }
  | { readonly do: "close" }
  | { readonly do: "hook"; readonly hook: HookName; readonly args: readonly unknown[] };

/** A hook that nobody waits for, or the end of the sink's part in the run. */
export type SinkNotice =
  | { readonly do: "event"; readonly hook: HookName; readonly args: readonly unknown[] }
  | { readonly do: "abort" };

export type SinkNews =
  /** The sink listens to a hook. */
  | { readonly type: "tapped"; readonly hook: HookName }
  /** A tap failed. */
  | { readonly type: "problem"; readonly error: PackedError };
