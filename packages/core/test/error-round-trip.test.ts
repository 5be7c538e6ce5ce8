import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectLines } from "@episcope/testing/collect-lines";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, target } from "@episcope/testing/small-run";
import { afterAll, describe, expect, it } from "vitest";
import { openRun } from "../src/index.js";

const folder = fs.mkdtempSync(join(tmpdir(), "episcope-errors-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const cwd = join(import.meta.dirname, "fixtures/plugins");
let count = 0;

interface Config {
  readonly visualization?: object;
  readonly logging?: object;
  readonly storage?: object;
}

/** Kinds of plugins, each with a config in which it fails; `source` says where it is reported. */
const KINDS: { readonly [kind: string]: Config & { readonly source: string } } = {
  renderer: {
    source: "visualization.renderers.failing",
    visualization: {
      debug_level: "verbose",
      output_formats: ["failing"],
      renderers: { failing: { _target_: "./failing.ts#renderer" } },
    },
  },
  format: {
    source: "logging.formats.failing",
    logging: { log_format: "failing", formats: { failing: { _target_: "./failing.ts#format" } } },
  },
  sink: {
    source: "logging.sinks.failing",
    logging: { sinks: { failing: { _target_: "./failing.ts#sink" } } },
  },
  "sink's tap": { source: "hooks", logging: { sinks: { tapping: { _target_: "./failing.ts#tapping" } } } },
  "hooks plugin": { source: "hooks", logging: { sinks: { failing: { _target_: "./failing.ts#hooks" } } } },
  "cleanup policy": {
    source: "storage.cleanup_policy",
    storage: {
      max_storage_gb: 1e-9,
      cleanup_policy: "failing",
      policies: { failing: { _target_: "./failing.ts#policy" } },
    },
  },
};

/** Everything that an error says of itself, its causes too. */
function wholeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, code, hint, fields, stack } = error as Error & Record<string, unknown>;
  // Where the plugin stands in its own file; what called it differs from thread to thread.
  const [first, ...frames] = String(stack).split("\n");
  const own = frames.filter((frame) => frame.includes("failing.ts")).map((frame) => frame.trim());
  return { name, message, code, hint, fields, first, own, cause: wholeOf(error.cause) };
}

async function failureOf(
  { source, visualization, logging = {}, storage = {} }: (typeof KINDS)[string],
  threads: number,
) {
  const config = testConfig({
    visualization: visualization ?? {},
    logging: {
      formats: { json: { _target_: "json", enabled: false } },
      ...logging,
      async_logger: { worker_threads: threads, batch_size: 1 },
    },
    storage: { base_output_dir: folder, run_name: `run${count++}`, ...storage },
  });
  const { logger } = collectLines();
  const run = await openRun(config, { cwd, allowPlugins: ["."], logger, process: null });
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
  await episode.end();
  await run.close();
  const problem = run.stats().problems.find((one) => one.source === source);
  return wholeOf(problem?.error);
}

describe("what a plugin throws", () => {
  it.each(Object.keys(KINDS))(
    "keeps class, code, hint, fields, cause and stack: a %s, with 0, 1 and 2 threads",
    async (kind) => {
      const here = await failureOf(KINDS[kind]!, 0);
      expect(JSON.stringify(here)).toContain('"name":"OwnError","message":"as asked","code":"OWN_CODE"');
      expect(JSON.stringify(here)).toContain("the root");
      expect(await failureOf(KINDS[kind]!, 1)).toEqual(here);
      expect(await failureOf(KINDS[kind]!, 2)).toEqual(here);
    },
  );
});
