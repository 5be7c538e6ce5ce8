import { join } from "node:path";
import { type CleanupPolicy, readManifest } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import drawRegrets from "../../../docs/examples/draw-regrets.js";
import protectWins from "../../../docs/examples/protect-wins.js";
import redactInfo from "../../../docs/examples/redact-info.js";
import {
  type Artifact,
  definePlugin,
  EpisodeManager,
  openCleanup,
  openRun,
  type PluginEntry,
  type Renderer,
  type Run,
  resumeRun,
  type SinkItem,
  sendRun,
} from "../src/index.js";

/** Draws the `info` of a step. */
const infoRenderer = definePlugin({
  kind: "renderer",
  name: "info",
  create: (): Renderer => ({
    mediaType: "text/plain",
    extension: "txt",
    kinds: ["step", "summary"],
    render: (view) => Buffer.from(view.kind === "step" ? JSON.stringify(view.info) : view.kind),
  }),
});

function keepingSink(items: SinkItem[], name = "keeping") {
  return definePlugin({
    kind: "sink",
    name,
    create: () => ({
      accepts: ["episode-start", "step", "episode-end", "picture/txt"],
      write: (batch: readonly SinkItem[]) => void items.push(...batch),
    }),
  });
}

const noFormat = { formats: { json: { _target_: "json", enabled: false } } };

function configOf(sinks: object, more: object = {}) {
  return testConfig({
    visualization: {
      ...{ debug_level: "verbose", output_formats: ["txt"] },
      renderers: { txt: { _target_: "info" } },
      ...more,
    } as never,
    logging: { ...noFormat, sinks: sinks as never, async_logger: { shutdown_timeout: 0.1 } },
  });
}

/** Steps with a secret; their rewards are the numbers. */
function play(run: Run, rewards: readonly number[] = [1, 2, 3]) {
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  for (const [step, reward] of rewards.entries())
    episode.step({
      action: { operation: 0 },
      after: painted(step % 4),
      reward,
      info: { secret: `s${step}`, open: step },
    });
  return episode;
}

async function record(
  plugins: readonly PluginEntry[],
  config: ReturnType<typeof testConfig>,
  disk = memoryDisk(),
) {
  const { logger, lines } = collectLines();
  const run = await openRun(config, runOptions(disk, { plugins, logger }));
  await play(run).end();
  await run.close();
  return { run, disk, lines: lines.join("\n") };
}

const isPicture = (item: SinkItem): item is Artifact => item.type === "picture/txt";
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("outgoing", () => {
  const redact = { _target_: "redact_info", keys: ["secret"] };

  it("keeps a key of info from sinks and from their pictures; journal and loose files keep it", async () => {
    const items: SinkItem[] = [];
    const config = configOf({ keeping: { _target_: "keeping" }, redact });
    const { run, disk } = await record([infoRenderer, keepingSink(items), redactInfo], config);
    const steps = items.filter((item) => "record" in item && item.record.type === "step");
    expect(steps.map((item) => "record" in item && item.record.type === "step" && item.record.info)).toEqual([
      { open: 0 },
      { open: 1 },
      { open: 2 },
    ]);
    const pictures = items.filter(isPicture);
    expect(pictures.map(({ bytes }) => textOf(bytes))).toEqual([
      '{"open":0}',
      '{"open":1}',
      '{"open":2}',
      "summary",
    ]);
    expect(pictures.every(({ path }) => path === null)).toBe(true);
    expect(JSON.stringify(items)).not.toContain("s1");
    const loose = disk.fs.readFileSync(join(run.dir, "episode_0001/step_001.txt"), "utf8");
    expect(loose).toBe('{"secret":"s1","open":1}');
    expect(run.loadEpisode(1).steps[1]?.info).toEqual({ secret: "s1", open: 1 });
    const { accepted, written, dropped } = run.stats().accounting["logging.sinks.keeping"]!;
    expect({ accepted, written, dropped }).toEqual({ accepted: 9, written: 9, dropped: 0 });
  });

  it("what a tap withholds, or fails at, no sink gets: counted as redaction, to the unit", async () => {
    const items: SinkItem[] = [];
    const strict = definePlugin({
      kind: "hooks",
      name: "strict",
      create: (_options, { hooks }) => {
        hooks.outgoing.tap("strict", (given) => {
          if (given?.type !== "step") return given;
          if (given.step === 1) return null;
          if (given.step === 2) throw new Error("cannot say");
          return given;
        });
        return undefined;
      },
    });
    const config = configOf({ keeping: { _target_: "keeping" }, strict: { _target_: "strict" } });
    const { run, lines } = await record([infoRenderer, keepingSink(items), strict], config);
    expect(JSON.stringify(items.filter((item) => !isPicture(item)))).not.toMatch(/s1|s2/);
    expect(items.filter(isPicture).map(({ step }) => step)).toEqual([0, null]);
    expect(run.stats().accounting["logging.sinks.keeping"]).toEqual({
      ...{ accepted: 9, written: 5, dropped: 4 },
      reasons: { redaction: 4 },
    });
    expect(run.stats().incomplete).toEqual([]);
    expect(lines).toContain("plugin 'strict' failed in the hook outgoing: cannot say");
  });

  it("a tap that gives another record than it was given withholds it", async () => {
    const items: SinkItem[] = [];
    const liar = definePlugin({
      kind: "hooks",
      name: "liar",
      create: (_options, { hooks }) => {
        hooks.outgoing.tap("liar", (given) => (given?.type === "step" ? { ...given, seq: 0 } : given));
        return undefined;
      },
    });
    const config = configOf({ keeping: { _target_: "keeping" }, liar: { _target_: "liar" } });
    const { run } = await record([infoRenderer, keepingSink(items), liar], config);
    expect(items.filter((item) => item.type === "step")).toEqual([]);
    expect(run.stats().problems).toMatchObject([{ error: { code: "HOOK_FAILED" } }]);
  });

  it("OUTGOING_MISSING: a run is not resumed into sinks without the plugin that filtered for them", async () => {
    const disk = memoryDisk();
    const items: SinkItem[] = [];
    let isDown = true;
    const flaky = definePlugin({
      kind: "sink",
      name: "keeping",
      create: () => ({
        accepts: ["step"],
        write: (batch: readonly SinkItem[]) => {
          if (isDown) return new Promise<void>(() => {});
          items.push(...batch);
        },
      }),
    });
    const config = configOf({ keeping: { _target_: "keeping" }, redact }, { debug_level: "off" });
    const run = await openRun(config, runOptions(disk, { plugins: [flaky, redactInfo, infoRenderer] }));
    await play(run).end();
    await run.close("interrupted");
    isDown = false;
    const { logger, lines } = collectLines();
    const options = { fs: disk.fs, cwd: "/project", logger };
    const without = await resumeRun(run.dir, { ...options, plugins: [flaky, infoRenderer] });
    expect(without.incomplete).toMatchObject([{ key: "logging.sinks.keeping", lost: {} }]);
    expect(items).toEqual([]);
    expect(lines.join("\n")).toContain("its plugin is missing: no sink goes on");
    const whole = await resumeRun(run.dir, { ...options, plugins: [flaky, redactInfo, infoRenderer] });
    expect(whole.incomplete).toEqual([]);
    expect(items.map((item) => "record" in item && item.record.type === "step" && item.record.info)).toEqual([
      { open: 0 },
      { open: 1 },
      { open: 2 },
    ]);
  });
});

describe("sending a run that is over", () => {
  it("passes outgoing too, also where only one sink is asked for; without the plugin it is refused", async () => {
    const redact = { _target_: "redact_info", keys: ["secret"] };
    const items: SinkItem[] = [];
    const plugins = [infoRenderer, keepingSink(items), redactInfo];
    const config = configOf({ keeping: { _target_: "keeping" }, redact }, { debug_level: "off" });
    const { run, disk } = await record(plugins, config);
    items.length = 0;
    const { logger } = collectLines();
    const options = { fs: disk.fs, cwd: "/project", logger, plugins, again: true };
    await sendRun(run.dir, { ...options, only: ["logging.sinks.keeping"] });
    const steps = items.filter(({ type }) => type === "step");
    expect(steps).toHaveLength(3);
    expect(JSON.stringify(steps)).not.toContain("secret");
    await expect(
      sendRun(run.dir, { ...options, overrides: ["~logging.sinks.redact"] }),
    ).rejects.toMatchObject({ code: "OUTGOING_MISSING" });
  });
});

describe("draw", () => {
  it("forces a picture where the config draws none, and the first tap that answers counts", async () => {
    const config = configOf({ regrets: { _target_: "draw_regrets" } }, { debug_level: "off" });
    const disk = memoryDisk();
    const run = await openRun(config, runOptions(disk, { plugins: [infoRenderer, drawRegrets] }));
    await play(run, [1, -2, 3, -0.5]).end();
    await run.close();
    const files = disk.fs.readdirSync(join(run.dir, "episode_0001")) as string[];
    expect(files.filter((name) => name.endsWith(".txt")).sort()).toEqual(["step_001.txt", "step_003.txt"]);
  });

  it("vetoes one where the config draws all", async () => {
    const veto = definePlugin({
      kind: "hooks",
      name: "veto",
      create: (_options, { hooks }) => {
        hooks.draw.tap("veto", ({ step }) => step !== 1);
        return undefined;
      },
    });
    const { run, disk } = await record([infoRenderer, veto], configOf({ veto: { _target_: "veto" } }));
    const files = disk.fs.readdirSync(join(run.dir, "episode_0001")) as string[];
    expect(files.filter((name) => name.startsWith("step_")).sort()).toEqual(["step_000.txt", "step_002.txt"]);
  });
});

describe("protect", () => {
  it("keeps an episode from episcope clean, whatever the policy says; a tap that fails keeps all", async () => {
    const everything = definePlugin({
      kind: "cleanup-policy",
      name: "everything",
      create: (): CleanupPolicy => ({
        plan: ({ episodes }) =>
          episodes.map(({ run, number }) => ({
            run,
            episode: number,
            what: "episode",
            bytes: 1,
            reason: "all",
          })),
      }),
    });
    const disk = memoryDisk();
    const cleaning = (sinks: object) =>
      testConfig({
        visualization: { output_formats: [] },
        logging: { ...noFormat, sinks: sinks as never },
        storage: {
          cleanup_policy: "everything",
          policies: { everything: { _target_: "everything" } },
          max_storage_gb: 1000,
        },
      });
    const run = await openRun(cleaning({}), runOptions(disk, { plugins: [everything] }));
    for (const outcome of ["success", "failure"] as const) await play(run).end({ outcome });
    await run.close();
    const plan = async (plugins: readonly PluginEntry[], sinks: object) => {
      const { logger } = collectLines();
      const options = { fs: disk.fs, cwd: "/project", logger, plugins: [everything, ...plugins] };
      return (await openCleanup(cleaning(sinks), options)).steps.map(({ episode }) => episode);
    };
    expect(readManifest(disk.fs, run.dir)?.episodes.map(({ outcome }) => outcome)).toEqual([
      "success",
      "failure",
    ]);
    expect(await plan([], {})).toEqual([1, 2]);
    expect(await plan([protectWins], { wins: { _target_: "protect_wins" } })).toEqual([2]);
    const failing = definePlugin({
      kind: "hooks",
      name: "failing",
      create: (_options, { hooks }) => {
        hooks.protect.tap("failing", () => {
          throw new Error("who knows");
        });
        return undefined;
      },
    });
    expect(await plan([failing], { failing: { _target_: "failing" } })).toEqual([]);
    await expect(plan([], { gone: { _target_: "gone" } })).rejects.toMatchObject({ code: "PLUGIN_UNKNOWN" });

    // By itself: what it was told to clean by, but for what is protected.
    const manager = new EpisodeManager(cleaning({}).storage, {
      ...{ fs: disk.fs, cwd: "/project", clock: createManualClock() },
    });
    expect(manager.cleanupOldData()).toBe(0);
    const policy: CleanupPolicy = {
      plan: ({ episodes }) =>
        episodes.map(({ run, number }) => ({
          run,
          episode: number,
          what: "episode",
          bytes: 1,
          reason: "all",
        })),
    };
    manager.cleanBy({ policy, protects: ({ success }) => success });
    manager.cleanupOldData();
    expect(readManifest(disk.fs, run.dir)?.episodes.map(({ outcome }) => outcome)).toEqual(["success"]);
  });
});
