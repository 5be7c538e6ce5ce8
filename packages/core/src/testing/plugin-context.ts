import nodeFs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_PICTURE_SETTINGS } from "@episcope/records";
import { createManualClock } from "@episcope/records/testing";
import { createRunHooks } from "../contract/hooks.js";
import type { Logger, PluginContext, PluginPaths } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import { CLOCK, FILE_SYSTEM, LOGGER, RUN_IDENTITY, type ServiceToken } from "../contract/services.js";
import { RunContainer } from "../host/container.js";
import { pluginContext } from "../host/plugin-context.js";

export interface LoggedMessage {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
}

/** A logger that keeps what it is told. */
export function createMemoryLogger(): Logger & { readonly messages: readonly LoggedMessage[] } {
  const messages: LoggedMessage[] = [];
  const at = (level: LoggedMessage["level"]) => (message: string) => {
    messages.push({ level, message });
  };
  return { messages, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export interface PluginContextOptions extends Partial<PluginContext> {
  /** Services of the program or of other plugins, by their tokens. */
  readonly services?: readonly (readonly [token: ServiceToken<unknown>, service: unknown])[];
}

/**
 * What a plugin's `create` is given, for a test; everything can be replaced. Unless `fs` or `paths` are given, the run has a new
 * directory on the disk, below the system's for temporary files, which goes when the process ends: `context.fs` and `node:fs` both work in it.
 * With `fs`, a file system in memory for instance, the run stands in `/run_test` there.
 */
export function createPluginContext({
  services = [],
  fs,
  clock = createManualClock(),
  logger = createMemoryLogger(),
  run = TEST_RUN,
  ...place
}: PluginContextOptions = {}): PluginContext {
  const container = new RunContainer(undefined);
  container.use(FILE_SYSTEM, fs ?? nodeFs);
  container.use(CLOCK, clock);
  container.use(LOGGER, logger);
  container.use(RUN_IDENTITY, run);
  for (const [token, service] of services) container.use(token, service);
  const context = pluginContext(container, {
    name: "test",
    configKey: "plugins.test",
    picture: DEFAULT_PICTURE_SETTINGS,
    paths: fs === undefined ? new TemporaryPaths() : IN_MEMORY,
    hooks: createRunHooks(),
    resume: null,
    signal: new AbortController().signal,
    ...place,
  });
  return { ...context, ...place };
}

const TEST_RUN: RunIdentity = {
  name: "run_test",
  startTime: 1767323045,
  configHash: "0123456789abcdef",
  config: {},
};

const IN_MEMORY: PluginPaths = {
  runDir: "/run_test",
  episodeDir: (number) => `/run_test/episode_${number}`,
};

/** Made when somebody asks for them. */
class TemporaryPaths implements PluginPaths {
  #runDir: string | null = null;

  get runDir(): string {
    if (this.#runDir === null) {
      this.#runDir = nodeFs.mkdtempSync(join(tmpdir(), PREFIX));
      if (!process.listeners("exit").includes(removeTemporary)) process.once("exit", removeTemporary);
    }
    return this.#runDir;
  }

  episodeDir(number: number): string {
    const dir = join(this.runDir, `episode_${number}`);
    nodeFs.mkdirSync(dir, { recursive: true });
    return dir;
  }
}

const PREFIX = `episcope-plugin-${process.pid}-`;

function removeTemporary(): void {
  for (const name of nodeFs.readdirSync(tmpdir()))
    if (name.startsWith(PREFIX)) nodeFs.rmSync(join(tmpdir(), name), { recursive: true, force: true });
}
