import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { outcomeOf, program, startProgram } from "./fixtures/program.js";

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "episcope-pool-")));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const POOL = ["play", "-m", "hydra/launcher=pool", "hydra.launcher.n_jobs=2", "visualization=debug_off"];

it("play -m in the pool makes each run once, where the sweep says", { timeout: 300_000 }, async () => {
  const words = ["episodes=1", "max_steps=2", "seed=range(5)", "hydra.sweep.dir=sweep"];
  const { status, out, messages } = await program(dir, ...POOL, ...words);
  expect([status, messages]).toEqual([0, expect.stringContaining("5 runs: 5 done, 0 failed.")]);
  expect(out.trimEnd().split("\n").sort()).toEqual([0, 1, 2, 3, 4].map((n) => join(dir, "sweep", String(n))));
  const [shown] = (await program(dir, "config", "diff", "sweep/3", "sweep/4")).out.match(/seed.*/) ?? [];
  expect(shown).toBeDefined();
});

it("names the runs of the pool that failed, and does the others", { timeout: 300_000 }, async () => {
  const { status, out, messages } = await program(dir, ...POOL, "episodes=1", "task_dir=null,nowhere");
  expect(status).toBe(1);
  expect(messages).toMatch(
    /#1 failed:\nepiscope: .*nowhere[\s\S]*2 runs: 1 done, 1 failed\.[\s\S]*CLI_SWEEP_FAILED/,
  );
  expect(out.trimEnd().split("\n")).toHaveLength(1);
});

it("ends the runs of the pool after Ctrl-C: what was recorded is readable", {
  timeout: 300_000,
}, async () => {
  const child = startProgram(dir, [...POOL, "episodes=100000", "seed=range(6)", "hydra.sweep.dir=sweep"]);
  const outcome = outcomeOf(child);
  const begun = () => [0, 1].every((n) => existsSync(join(dir, "sweep", String(n), "episode_0002")));
  while (!begun() && child.exitCode === null) await new Promise((done) => setTimeout(done, 50));
  child.kill("SIGINT");
  const { status, messages } = await outcome;
  expect([status, messages]).toEqual([
    130,
    expect.stringContaining("6 runs: 0 done, 0 failed, 6 not finished."),
  ]);
  expect(readdirSync(join(dir, "sweep")).sort()).toEqual(["0", "1"]);
  expect((await program(dir, "verify", "sweep/0", "sweep/1")).status).toBe(0);
});
