import nodeFs, { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePlugins, openRun } from "@episcope/core";
import { createGrid } from "@episcope/records";
import { collectLines } from "@episcope/testing/collect-lines";
import { presetConfig } from "@episcope/testing/preset-config";
import { afterAll, describe, expect, it } from "vitest";
import { wandbDirectories } from "../src/index.js";
import { logPathOf, readLog, rowsOf } from "./context.js";

const folder = mkdtempSync(join(tmpdir(), "episcope-wandb-thread-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MODULE = { kind: "sink", name: "wandb", module: "@episcope/plugin-wandb" } as const;

async function record(threads: number) {
  const { logger, lines } = collectLines();
  const config = presetConfig([
    "visualization=debug_off",
    "~visualization.renderers.png",
    "logging=wandb_basic",
    "logging.wandb.log_frequency=3",
    `logging.async_logger.worker_threads=${threads}`,
    `storage.base_output_dir=${folder}`,
    `storage.run_name=with-${threads}`,
  ]);
  const plugins = [MODULE];
  const placements = await describePlugins(config, { plugins });
  const run = await openRun(config, { plugins, logger, process: null });
  for (let number = 0; number < 2; number++) {
    const episode = run.startEpisode({ taskId: "t", initial: createGrid(2, 2), target: createGrid(2, 2, 1) });
    for (let step = 0; step < 20; step++) {
      episode.step({ action: { operation: step % 34 }, after: createGrid(2, 2, step % 2), reward: step / 8 });
    }
    await episode.end();
  }
  run.metrics(7, { loss: 0.25 });
  await run.close();
  const [directory] = wandbDirectories(run.dir, nodeFs);
  return {
    run,
    lines,
    directory: directory!,
    placements,
    log: readLog(nodeFs, logPathOf(nodeFs, directory!)),
  };
}

describe("the sink in a worker thread", () => {
  it("writes what it writes in process: rows, summary, exit, accounting and the closing message", async () => {
    const [here, there] = [await record(0), await record(2)];
    const place = (of: typeof here) => of.placements.nodes.find(({ key }) => key === "logging.wandb")?.place;
    expect(place(there)).toEqual({ thread: "worker" });
    expect(place(here)).toMatchObject({ thread: "program" });
    const withoutTime = (of: typeof here) =>
      rowsOf(of.log).map(({ _timestamp, _runtime, "episode/seconds": _seconds, ...row }) => row);
    expect(withoutTime(there).length).toBeGreaterThan(10);
    expect(withoutTime(there)).toEqual(withoutTime(here));
    // Summaries and system metrics come every so many seconds too, which a busy machine may meet.
    const timely = (kind: string): boolean => kind !== "summary" && kind !== "stats";
    const kinds = (of: typeof here) => of.log.map(({ kind }) => kind).filter(timely);
    expect(kinds(there)).toEqual(kinds(here));
    expect(there.log.map(({ num }) => num)).toEqual(there.log.map((_, index) => index + 1));
    const accounting = { accepted: 47, written: 47, dropped: 0, reasons: {} };
    for (const of of [here, there]) {
      expect(of.run.stats().accounting["logging.wandb"]).toEqual(accounting);
      expect(of.lines).toContainEqual(expect.stringContaining(`W&B run: ${of.directory}`));
      expect(readdirSync(of.directory)).toContain("files");
    }
    const closing = (of: typeof here) => of.lines.at(-1)?.replace(/with-\d/, "");
    expect(closing(there)).toBe(closing(here));
  });
});
