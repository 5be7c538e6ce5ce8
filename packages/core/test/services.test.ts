import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, memorySink, painted, runOptions, target, textRenderer } from "@episcope/testing/small-run";
import { inject, injectable } from "tsyringe";
import { afterEach, describe, expect, it } from "vitest";
import {
  CLOCK,
  type Clock,
  createContainer,
  definePlugin,
  EPISODE_MANAGER,
  EpisodeManager,
  FILE_SYSTEM,
  type FileSystem,
  KEY_STEP_DETECTION,
  type KeyStepDetection,
  openRun,
  type Run,
  type SinkItem,
  STEP_TRIGGER,
  serviceToken,
} from "../src/index.js";
import { counter, decider, said, shy, speaker } from "./fixtures/plugins/services.js";

const PLUGINS = fileURLToPath(new URL("./fixtures/plugins", import.meta.url));
const textModule = `${PLUGINS}/text-renderer.ts`;
const noFormat = { formats: { json: { _target_: "json", enabled: false } } };
const pictures = { output_formats: ["text"], renderers: { text: { _target_: "text" } } };

/** Four steps; the third is one that its producer calls a key step. */
async function play(run: Run): Promise<void> {
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  for (const count of [1, 2, 3, 4]) {
    const info = count === 3 ? { key: true } : {};
    episode.step({ action: { operation: 0 }, after: painted(count), reward: 0, info });
  }
  await episode.end();
  await run.close();
}

const drawn = (names: readonly string[]) => names.filter((name) => name.startsWith("step_")).sort();

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A run on the real disk, with threads. */
async function threadedRun(sinks: object, plugins: Parameters<typeof openRun>[1] = {}) {
  const cwd = mkdtempSync(join(tmpdir(), "services-"));
  folders.push(cwd);
  const { logger, lines } = collectLines();
  const config = testConfig({
    visualization: { output_formats: [] },
    logging: { ...noFormat, sinks, async_logger: { worker_threads: 1 } } as never,
  });
  const run = await openRun(config, { cwd, logger, process: null, ...plugins });
  return { run, lines };
}

describe("a program replaces a service of the run in the container that it gives", () => {
  it("another detection of key steps, which decides what is drawn", async () => {
    const disk = memoryDisk();
    const container = createContainer();
    const detection: KeyStepDetection = {
      forEpisode: () => ({ reasons: ({ info }) => (info["key"] === true ? ["submit"] : []) }),
    };
    container.register(KEY_STEP_DETECTION, { useValue: detection });
    const config = testConfig({ visualization: { ...pictures, debug_level: "standard" }, logging: noFormat });
    const run = await openRun(config, runOptions(disk, { container }));
    await play(run);
    // The last step of an episode is always one.
    expect(drawn(disk.fs.readdirSync(join(run.dir, "episode_0001")) as string[])).toEqual([
      "step_002.txt",
      "step_003.txt",
    ]);
  });

  it("another trigger, as a class; one that fails leaves it to the config and is told of", async () => {
    @injectable()
    class EverySecond {
      readonly #clock: Clock;
      constructor(@inject(CLOCK) clock: Clock) {
        this.#clock = clock;
      }
      draws({ step }: { readonly step: number }): boolean {
        if (step === 3) throw new Error(`not at ${this.#clock.now()}`);
        return step % 2 === 1;
      }
    }
    const disk = memoryDisk();
    const container = createContainer();
    container.register(STEP_TRIGGER, { useClass: EverySecond });
    const config = testConfig({ visualization: { ...pictures, debug_level: "minimal" }, logging: noFormat });
    const run = await openRun(config, runOptions(disk, { container }));
    await play(run);
    expect(drawn(disk.fs.readdirSync(join(run.dir, "episode_0001")) as string[])).toEqual(["step_001.txt"]);
    expect(run.stats().problems).toMatchObject([
      { error: { code: "SERVICE_FAILED", message: expect.stringContaining("episcope.step-trigger") } },
    ]);
  });

  it("a store of runs in memory, with names of its own, and a clock", async () => {
    const disk = memoryDisk();
    const config = testConfig({ visualization: { ...pictures, debug_level: "verbose" }, logging: noFormat });
    /** Runs stand in rooms. */
    @injectable()
    class RoomManager extends EpisodeManager {
      constructor(@inject(FILE_SYSTEM) fs: FileSystem, @inject(CLOCK) clock: Clock) {
        super(config.storage, { fs, clock, cwd: "/rooms" });
      }
      override startNewRun(): string {
        return super.startNewRun({ name: "room_7" });
      }
    }
    const container = createContainer();
    container.register(FILE_SYSTEM, { useValue: disk.fs });
    container.register(CLOCK, { useValue: { now: () => 1234.5, monotonic: () => 0 } });
    container.registerSingleton(EPISODE_MANAGER, RoomManager);
    const items: SinkItem[] = [];
    const plugins = [textRenderer, memorySink(["episode-start"], items)];
    const { logger } = collectLines();
    const run = await openRun(
      testConfig({
        visualization: { ...pictures, debug_level: "verbose" },
        logging: { ...noFormat, sinks: { memory: { _target_: "memory" } } },
      }),
      { container, plugins, logger, process: null, cwd: "/rooms" },
    );
    await play(run);
    expect(run.dir).toBe("/rooms/outputs/room_7");
    expect(drawn(disk.fs.readdirSync("/rooms/outputs/room_7/episode_0001") as string[])).toHaveLength(4);
    expect(items).toMatchObject([{ record: { time: 1234.5 } }]);
  });
});

describe("a plugin offers a service to another", () => {
  const sinks = { speaker: { _target_: "speaker" }, counter: { _target_: "counter" } };

  it("in the thread of the pipeline; the service is made when it is asked for, and closed behind the plugins", async () => {
    const { run, lines } = await threadedRun(sinks, { plugins: [speaker, counter] });
    await play(run);
    const told = lines.filter((line) => /counter|speaker/.test(line) && !/^debug|Run /.test(line));
    expect(told.map((line) => line.replace(/^.*?(counter|speaker):/, "$1:"))).toEqual([
      "counter: made",
      "speaker: closed",
      "counter: its plugin is closed",
      "counter: closed with episode-start,1 step,4",
    ]);
    expect(lines.join("\n")).not.toContain("the program's own thread");
  });

  it("SERVICE_UNKNOWN: one who does not say what it needs has a thread of its own, and is told how to say it", async () => {
    const opening = threadedRun(
      { shy: { _target_: "shy" }, counter: { _target_: "counter" } },
      { plugins: [shy, counter] },
    );
    await expect(opening).rejects.toMatchObject({
      code: "PLUGIN_CREATE_FAILED",
      cause: {
        code: "SERVICE_UNKNOWN",
        message: expect.stringContaining("test.word-count"),
        hint: expect.stringContaining("needs: [TOKEN]"),
      },
    });
  });

  it("a hooks plugin of a module replaces a service of the run, and the pipeline keeps its thread", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "services-"));
    folders.push(cwd);
    const { logger, lines } = collectLines();
    const config = testConfig({
      visualization: { ...pictures, debug_level: "standard", renderers: { text: { _target_: textModule } } },
      logging: { ...noFormat, sinks: { said: { _target_: "said" } }, async_logger: { worker_threads: 1 } },
    });
    const run = await openRun(config, {
      cwd,
      logger,
      process: null,
      plugins: [said],
      allowPlugins: [PLUGINS],
    });
    await play(run);
    expect(lines.join("\n")).not.toContain("the program's own thread");
    expect(drawn(readdirSync(join(run.dir, "episode_0001")))).toEqual(["step_002.txt", "step_003.txt"]);
  });

  const TOKEN = serviceToken<number>("test.number");
  const provider = (name: string) =>
    definePlugin({
      kind: "hooks",
      name,
      create: (_options, { provide }) => {
        provide(TOKEN, () => 1);
        return undefined;
      },
    });

  it("SERVICE_DUPLICATE: two plugins offer the same", async () => {
    const config = testConfig({
      logging: { ...noFormat, sinks: { one: { _target_: "one" }, two: { _target_: "two" } } },
      visualization: { output_formats: [] },
    });
    const opening = openRun(
      config,
      runOptions(memoryDisk(), { plugins: [provider("one"), provider("two")] }),
    );
    await expect(opening).rejects.toMatchObject({
      cause: { code: "SERVICE_DUPLICATE", fields: { options: ["logging.sinks.one", "logging.sinks.two"] } },
    });
  });

  it("SERVICE_LATE: what others use already cannot be replaced any more", async () => {
    const { logger, lines } = collectLines();
    const late = definePlugin({
      kind: "hooks",
      name: "late",
      create: (_options, { hooks, provide }) => {
        hooks.episodeStart.tap("late", () => provide(STEP_TRIGGER, () => ({ draws: () => true })));
        return undefined;
      },
    });
    const config = testConfig({
      logging: { ...noFormat, sinks: { late: { _target_: "late" } } },
      visualization: { output_formats: [] },
    });
    const run = await openRun(config, runOptions(memoryDisk(), { plugins: [late], logger }));
    await play(run);
    expect(run.stats().problems).toMatchObject([{ error: { cause: { code: "SERVICE_LATE" } } }]);
    expect(lines.join("\n")).toContain("episcope.step-trigger");
  });

  it("HOOK_OUT_OF_REACH: a sink in a thread of its own cannot decide", async () => {
    const opening = threadedRun({ decider: { _target_: "decider" } }, { plugins: [decider] });
    await expect(opening).rejects.toMatchObject({
      code: "PLUGIN_CREATE_FAILED",
      cause: { code: "HOOK_OUT_OF_REACH", fields: { hook: "draw" } },
    });
  });

  it("what the program registers wins over what a plugin provides", async () => {
    const container = createContainer();
    container.register(TOKEN, { useValue: 2 });
    let seen: number | undefined;
    const asks = definePlugin({
      kind: "hooks",
      name: "asks",
      create: (_options, { resolve }) => {
        seen = resolve(TOKEN);
        return undefined;
      },
    });
    const config = testConfig({
      logging: { ...noFormat, sinks: { one: { _target_: "one" }, asks: { _target_: "asks" } } },
      visualization: { output_formats: [] },
    });
    const run = await openRun(
      config,
      runOptions(memoryDisk(), { plugins: [provider("one"), asks], container }),
    );
    await run.close();
    expect(seen).toBe(2);
  });
});
