import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const home = process.cwd();
let dir: string;
let run: string;

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "episcope-examples-")));
  process.chdir(dir);
});
afterAll(() => {
  process.chdir(home);
  rmSync(dir, { recursive: true });
});

/** Runs an example as Node would, and gives the lines that it prints. */
async function example(start: () => Promise<unknown>, ...argv: string[]): Promise<string[]> {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words) => void lines.push(words.join(" ")));
  const before = process.argv;
  process.argv = [process.execPath, "example.js", ...argv];
  try {
    await start();
  } finally {
    process.argv = before;
    log.mockRestore();
  }
  return lines;
}

describe("the examples", () => {
  it("01 composes and explains", async () => {
    const lines = await example(() => import("./01-compose.js"));
    expect(lines).toEqual([
      "storage: production",
      "logging: local_only",
      "visualization: debug_standard",
      "frozen: true",
      "2 from storage.max_storage_gb=2",
      expect.stringMatching(/^10\.0 from conf\/storage\/base\.yaml:\d+$/),
      "svg:\n  _target_: svg\npng:\n  _target_: png\nhtml:\n  _target_: html\ngif:\n  _target_: gif\npdf:\n  _target_: pdf\n",
    ]);
  });

  it("02 records an episode and draws it", async () => {
    const lines = await example(() => import("./02-record-an-episode.js"));
    run = lines[0]!;
    expect(lines).toHaveLength(1);
    expect(run.startsWith(join(dir, "outputs/examples/run_"))).toBe(true);
    expect(readdirSync(join(run, "episode_0001")).sort()).toEqual([
      "episode.json.gz",
      "journal.epi",
      "step_000.svg",
      "step_001.svg",
      "step_002.svg",
      "summary.svg",
    ]);
  });

  it("03 replays it", async () => {
    expect(await example(() => import("./03-replay.js"), run)).toEqual([
      "episode 1: checkers, success after 3 steps",
      "  step 0: operation 3, reward -0.1",
      "  step 1: operation 3, reward -0.1",
      "  step 2: operation 34, reward 1",
      expect.stringMatching(/^ {2}step 0 matters: first.*\(similarity 0\.75\)$/),
      expect.stringMatching(/^ {2}step 1 matters: .*\(similarity 1\)$/),
      expect.stringMatching(/^ {2}step 2 matters: .*submit.*\(similarity 1\)$/),
      "intact",
    ]);
  });

  it("04 draws a step", async () => {
    const lines = await example(() => import("./04-draw-a-step.js"), run, "1", "2");
    expect(lines[0]).toMatch(/^step\.svg: \d+ bytes$/);
    expect(readFileSync(join(dir, "step.svg"), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
  });
});
