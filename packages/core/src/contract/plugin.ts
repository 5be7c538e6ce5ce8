import type { PictureSettings, PlainObject, PlainValue } from "@episcope/records";
import type { CleanupPolicy, Clock, FileSystem } from "@episcope/records/store";
import type { RunHooks } from "./hooks.js";
import type { Format, HooksPlugin, Renderer, RunIdentity, Sink } from "./roles.js";

/** A JSON Schema (draft-07) as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface PluginPaths {
  /** Absolute. */
  readonly runDir: string;
  /** Absolute; the directory of an episode's loose files. */
  episodeDir(number: number): string;
}

/** What a plugin is given; it asks for nothing else. */
export interface PluginContext {
  /** The node's name, for instance "png" of `visualization.renderers.png`. */
  readonly name: string;
  /** The node's key, for error messages. */
  readonly configKey: string;
  readonly run: RunIdentity;
  readonly picture: PictureSettings;
  readonly paths: PluginPaths;
  readonly fs: FileSystem;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly hooks: RunHooks;
  /**
   * Where this sink goes on: the position behind the last item that a flush covered, and the state that the flush returned.
   * Null when it starts with the run.
   */
  readonly resume: { readonly position: number; readonly state: PlainValue | null } | null;
  /** Aborted when the run closes or the plugin is quarantined. */
  readonly signal: AbortSignal;
}

export interface PluginRoles {
  readonly sink: Sink;
  readonly renderer: Renderer;
  readonly format: Format;
  readonly "cleanup-policy": CleanupPolicy;
  readonly hooks: HooksPlugin | undefined;
}

export type PluginKind = keyof PluginRoles;

export interface PluginDefinition<K extends PluginKind = PluginKind, Options = unknown> {
  readonly kind: K;
  /** The name by which `_target_` finds it. */
  readonly name: string;
  /** Checks the node's own keys before anything opens; `default`s of the schema are filled in. */
  readonly options?: JsonSchema;
  /**
   * Whether the run keeps what the process writes to its console while the run is open: in `CONSOLE_FILE` of its directory,
   * a `ConsoleChunk` a line. Of sinks; default: no.
   */
  readonly readsConsole?: boolean;
  /**
   * Looks at the options beside the rest of the composed config, before anything opens: returns a warning for each thing that
   * works but hardly as meant, naming the keys. Throws for what cannot work.
   */
  check?(options: Options, config: PlainObject): readonly string[];
  create(options: Options, context: PluginContext): PluginRoles[K] | Promise<PluginRoles[K]>;
}

/** Declares a plugin. The one place for a default export. */
export function definePlugin<K extends PluginKind, Options = Record<string, never>>(
  definition: PluginDefinition<K, Options>,
): PluginDefinition<K, Options> {
  return definition;
}
