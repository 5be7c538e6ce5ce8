import { DEFAULT_PICTURE_SETTINGS } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { createRunHooks } from "../contract/hooks.js";
import type { Logger, PluginContext } from "../contract/plugin.js";

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

/**
 * What a plugin's `create` is given, for a test; everything can be replaced. Unless `fs` is given, any use of it throws:
 * a plugin that writes files is tested with an in-memory file system.
 */
export function createPluginContext(overrides: Partial<PluginContext> = {}): PluginContext {
  return {
    name: "test",
    configKey: "plugins.test",
    run: { name: "run_test", startTime: 1767323045, configHash: "0123456789abcdef", config: {} },
    picture: DEFAULT_PICTURE_SETTINGS,
    paths: { runDir: "/run_test", episodeDir: (number) => `/run_test/episode_${number}` },
    fs: NO_FILES,
    logger: createMemoryLogger(),
    clock: createManualClock(),
    hooks: createRunHooks(),
    resume: null,
    signal: new AbortController().signal,
    ...overrides,
  };
}

const NO_FILES = new Proxy(
  {},
  {
    get(_target, name) {
      if (typeof name === "symbol") return undefined;
      throw new Error(`this test gives no file system, but 'fs.${name}' was used`);
    },
  },
) as FileSystem;
