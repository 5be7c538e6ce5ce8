import { statSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import type { ComposeOptions } from "../compose/compose.js";
import { composeSync } from "../compose/compose.js";
import type { Composition } from "../compose/composition.js";
import type { OverrideInput } from "../compose/session.js";
import type { CallbackFactories } from "../job/callbacks.js";
import type { ApplicationIo } from "../job/io.js";
import type { LauncherFactories } from "../job/launcher.js";
import { openSourceIn } from "../node/open-source.js";
import type { ConfigSource } from "../source/config-source.js";
import type { ConfigStore } from "../store/config-store.js";
import type { Resolver } from "../tree/context.js";
import type { VersionBase } from "../version/version-base.js";
import { configDirMissing, configPathIsFile } from "./errors.js";
import type { HydraFlags } from "./flags.js";

export interface ApplicationOptions {
  /** Folder of the configs: absolute, `pkg://NAME`, or relative to the program's file. Null for none. */
  readonly configPath?: string | null;
  /** The primary config, without its ending. */
  readonly configName?: string;
  /** Which generation of Hydra's rules to follow. Default: `1.3`. */
  readonly versionBase?: VersionBase;
  /** The program's file, a path or `import.meta.url`. Default: the file that Node was started with. */
  readonly file?: string;
  /** `hydra.job.name`, unless the config sets it. Default: the name of the program's file. */
  readonly jobName?: string;
  /** What `--version` prints. */
  readonly version?: string;
  /** Structured configs. */
  readonly store?: ConfigStore;
  /** Resolvers of the program. */
  readonly resolvers?: ReadonlyMap<string, Resolver>;
  /** What `hydra.callbacks` may name, by `_target_`. */
  readonly callbacks?: CallbackFactories;
  /** What `hydra.launcher` may name, by `_target_`, beside Hydra's own. */
  readonly launchers?: LauncherFactories;
  /** Folders of packages, for `pkg://NAME`. */
  readonly packages?: ReadonlyMap<string, string>;
  /** Variables `PREFIX__A__B` of the environment become overrides that stand before those of the command line. */
  readonly environmentPrefix?: string;
}

export type Overrides = readonly OverrideInput[];

/** An application as its flags have it: knows where its configs are and composes them. */
export class Application {
  readonly options: ApplicationOptions;
  readonly configName: string | undefined;
  readonly io: ApplicationIo;
  readonly #file: string;
  readonly #sources: readonly ConfigSource[];
  readonly #openSource: NonNullable<ComposeOptions["openSource"]>;
  /** One time for the whole run: every `${now:…}` of it is the same. */
  readonly #now: Date;

  constructor(options: ApplicationOptions, flags: HydraFlags, io: ApplicationIo) {
    this.options = options;
    this.io = io;
    this.configName = flags.configName ?? options.configName;
    this.#file = programFile(options.file);
    this.#now = io.now();
    this.#openSource = openSourceIn({ cwd: io.cwd, packages: options.packages ?? new Map() });
    this.#sources = this.#openSources(flags);
  }

  #openSources(flags: HydraFlags): readonly ConfigSource[] {
    const sources: ConfigSource[] = [];
    const path = flags.configPath ?? this.options.configPath ?? null;
    if (path !== null) {
      if (/\.ya?ml$/.test(path)) throw configPathIsFile(path);
      const place = isAbsolute(path) || path.includes("://") ? path : join(dirname(this.#file), path);
      sources.push(this.#openSource(place, "main")!);
    }
    if (flags.configDir !== undefined) {
      const dir = resolve(this.io.cwd, flags.configDir);
      if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) throw configDirMissing(dir);
      sources.push(this.#openSource(dir, "command-line")!);
    }
    return sources;
  }

  get sources(): readonly ConfigSource[] {
    return this.#sources;
  }

  /** How the program is started, for scripts: a file that can be run by itself, or Node with it. */
  get command(): readonly string[] {
    return /\.[cm]?[jt]s$/.test(this.#file) ? [process.execPath, this.#file] : [this.#file];
  }

  get jobName(): string {
    return this.options.jobName ?? fileName(this.#file);
  }

  /** What composing and listing take. */
  composeOptions(overrides: ComposeOptions["overrides"] = []): ComposeOptions {
    const { versionBase, store, resolvers } = this.options;
    return {
      source: this.#sources,
      overrides,
      name: this.configName,
      env: this.io.env,
      now: this.#now,
      jobName: this.jobName,
      cwd: this.io.cwd,
      openSource: this.#openSource,
      ...(versionBase === undefined ? {} : { versionBase }),
      ...(store === undefined ? {} : { store }),
      ...(resolvers === undefined ? {} : { resolvers }),
    };
  }

  /** Composes the config, and tells of what Hydra would warn of. */
  compose(overrides: ComposeOptions["overrides"], more: Partial<ComposeOptions> = {}): Composition {
    const composition = composeSync({ ...this.composeOptions(overrides), ...more });
    for (const warning of composition.warnings) this.io.err(`UserWarning: ${warning}\n`);
    return composition;
  }
}

function programFile(given: string | undefined): string {
  const file = given ?? process.argv[1] ?? join(process.cwd(), "app");
  return file.startsWith("file:") ? decodeURIComponent(new URL(file).pathname) : resolve(file);
}

/** The name of a file as Hydra makes a job's name of it. */
function fileName(file: string): string {
  return basename(file, extname(file))
    .trim()
    .replaceAll(" ", "_")
    .replace(/[^-\p{L}\p{N}_.]/gu, "");
}
