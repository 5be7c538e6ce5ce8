import type { PictureSettings, PlainObject, PlainValue } from "@episcope/records";
import type { CleanupPolicy, Clock, ExportReader, FileSystem } from "@episcope/records/store";
import type { RunHooks } from "./hooks.js";
import type { Format, HooksPlugin, Renderer, RunIdentity, Sink } from "./roles.js";
import type { Services, ServiceToken } from "./services.js";

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

/** What a plugin is given; whatever else it wants it asks `resolve` for. */
export interface PluginContext extends Services {
  /** The node's name, for instance "png" of `visualization.renderers.png`. */
  readonly name: string;
  /** The node's key, for error messages. */
  readonly configKey: string;
  readonly run: RunIdentity;
  readonly picture: PictureSettings;
  readonly paths: PluginPaths;
  /**
   * The file system of the run: `node:fs`, or what the program replaced it by, for instance one in memory. A plugin that writes
   * through it works in every run, and can be tested without a disk. The sync and callback forms and streams are there, as
   * `FileSystem` lists them.
   */
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
  /**
   * A service of the run, or of another plugin that `needs` names; `make` is for one that nobody has. Throws SERVICE_UNKNOWN.
   */
  resolve<T>(token: ServiceToken<T>, make?: (services: Services) => T): T;
  /**
   * Offers a service to the other plugins, or another one in place of the run's: made when it is first asked for, and ended
   * (`close`, `dispose`, `Symbol.asyncDispose`) behind the plugins. What the program registered wins. Throws SERVICE_DUPLICATE, and SERVICE_LATE
   * once the service has been asked for: call it in `create`.
   */
  provide<T>(token: ServiceToken<T>, make: (services: Services) => T): void;
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
  /**
   * The file that exports the plugin: `import.meta.url`. With it `openRun(config, { plugins: [mine] })` can build the plugin in
   * another thread than the program's; without, it stands in the way of the program.
   */
  readonly module?: string;
  /** Name of the export of `module`. Default "default". */
  readonly export?: string;
  /**
   * Services of the program or of other plugins that it resolves. Where there is one, the plugin runs in the thread that has it,
   * and is built after the plugin that provides it.
   */
  readonly needs?: readonly ServiceToken<unknown>[];
  /** Services that it provides to other plugins: it then runs in the thread of the pipeline. */
  readonly provides?: readonly ServiceToken<unknown>[];
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
  /** Of a format: gives what reads its exports back, for `import`, `recover` and runs that have no journals any more. */
  openReader?(): ExportReader | Promise<ExportReader>;
  create(options: Options, context: PluginContext): PluginRoles[K] | Promise<PluginRoles[K]>;
}

/** Declares a plugin. The one place for a default export. */
export function definePlugin<K extends PluginKind, Options = Record<string, never>>(
  definition: PluginDefinition<K, Options>,
): PluginDefinition<K, Options> {
  return definition;
}
