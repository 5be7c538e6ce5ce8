import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
// Inside: the hooks by themselves, which a run makes.
import { createRunHooks } from "../src/contract/hooks.js";
import { definePlugin, openRun, type Run, type Sink } from "../src/index.js";

const noFormat = { formats: { json: { _target_: "json", enabled: false } } };

describe("hooks", () => {
  it("fire in the order of the table", async () => {
    const fired: string[] = [];
    const spy = definePlugin({
      kind: "hooks",
      name: "spy",
      create: (_options, { hooks }) => {
        for (const [name, hook] of Object.entries(hooks)) hook.tap("spy", () => void fired.push(name));
        return { close: () => void fired.push("close") };
      },
    });
    const config = testConfig({
      visualization: { output_formats: ["text"] },
      logging: { ...noFormat, sinks: { spy: { _target_: "spy" } } },
    });
    const options = runOptions(memoryDisk());
    const run = await openRun(config, { ...options, plugins: [...options.plugins!, spy] });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
    await run.flush({ outputs: true });
    await episode.end();
    await run.close();
    expect(fired.filter((name) => name !== "outgoing")).toEqual([
      "runStart",
      "episodeStart",
      "draw",
      "step",
      "artifact",
      "episodeEnd",
      "artifact",
      "runEnd",
      "close",
    ]);
    // For each record but the end of the run, which comes when sinks are closed with it.
    expect(fired.filter((name) => name === "outgoing").length).toBeGreaterThanOrEqual(4);
  });

  it("isolate their taps: one that fails is named with its hook, and the others run", async () => {
    const errors: unknown[] = [];
    const hooks = createRunHooks((error) => errors.push(error));
    const ran: string[] = [];
    hooks.runEnd.tap("sync", () => {
      throw new Error("first");
    });
    hooks.runEnd.tapPromise("late", () => Promise.reject(new Error("second")));
    hooks.runEnd.tapAsync("callback", (_run, done) => done(new Error("third")));
    hooks.runEnd.tap("good", () => void ran.push("good"));
    await hooks.runEnd.promise({} as never);
    expect(ran).toEqual(["good"]);
    expect(errors.map((error) => (error as Error).message)).toEqual([
      "plugin 'sync' failed in the hook runEnd: first",
      "plugin 'late' failed in the hook runEnd: second",
      "plugin 'callback' failed in the hook runEnd: third",
    ]);
    expect(errors[0]).toMatchObject({ code: "HOOK_FAILED", fields: { plugin: "sync", hook: "runEnd" } });
  });
});

describe("a plugin cannot hurt a run", () => {
  const recordWith = async (plugins: Parameters<typeof openRun>[1]) => {
    const { logger, lines } = collectLines();
    const sinks = Object.fromEntries(
      (plugins?.plugins ?? []).map((entry) => [entry.name, { _target_: entry.name }]),
    );
    const config = testConfig({ logging: { ...noFormat, sinks } });
    const run = await openRun(config, runOptions(memoryDisk(), { ...plugins, logger }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 20; step++) {
      expect(episode.step({ action: { operation: 0 }, after: painted(step % 4), reward: 0 }).accepted).toBe(
        true,
      );
    }
    await episode.end();
    await run.close();
    return { run, lines };
  };
  const sink = (name: string, write: Sink["write"], more: Partial<Sink> = {}) =>
    definePlugin({ kind: "sink", name, create: (): Sink => ({ accepts: ["step"], write, ...more }) });

  it("by throwing, rejecting, or failing at its end: the others get everything", async () => {
    let got = 0;
    const { run } = await recordWith({
      plugins: [
        sink("thrower", () => {
          throw new Error("thrown");
        }),
        sink("rejecter", () => Promise.reject(new Error("rejected"))),
        sink("closer", () => {}, { close: () => Promise.reject(new Error("closing")) }),
        sink("good", (batch) => {
          got += batch.length;
        }),
      ],
    });
    const { accounting, problems } = run.stats();
    expect(got).toBe(20);
    expect(accounting["journal"]).toMatchObject({ accepted: 24, written: 24 });
    for (const name of ["thrower", "rejecter"]) {
      const { accepted, written, dropped } = accounting[`logging.sinks.${name}`]!;
      expect({ accepted, written, dropped }).toEqual({ accepted: 20, written: 0, dropped: 20 });
    }
    expect(problems.map((problem) => problem.source)).toContain("logging.sinks.closer");
  });

  it("by recording from within: that call is refused, and there is no recursion", async () => {
    let run: Run | undefined;
    let depth = 0;
    const results: unknown[] = [];
    const echo = sink("echo", () => {
      depth += 1;
      expect(depth).toBe(1);
      results.push(run?.metrics(0, { x: 1 }).error?.code);
      depth -= 1;
    });
    const config = testConfig({ logging: { ...noFormat, sinks: { echo: { _target_: "echo" } } } });
    run = await openRun(config, runOptions(memoryDisk(), { plugins: [echo] }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
    await run.flush({ outputs: true });
    expect(results).toEqual(["REENTRANT_CALL"]);
  });

  it("by tapping a hook and recording there", async () => {
    let run: Run | undefined;
    const codes: unknown[] = [];
    const tapper = definePlugin({
      kind: "hooks",
      name: "tapper",
      create: (_options, { hooks }) => {
        hooks.step.tap("tapper", () => void codes.push(run?.metrics(0, { x: 1 }).error?.code));
        return undefined;
      },
    });
    const config = testConfig({ logging: { ...noFormat, sinks: { tapper: { _target_: "tapper" } } } });
    run = await openRun(config, runOptions(memoryDisk(), { plugins: [tapper] }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
    await run.close();
    expect(codes).toEqual(["REENTRANT_CALL"]);
  });
});
