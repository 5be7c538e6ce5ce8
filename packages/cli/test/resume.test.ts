import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcomeOf, program, startProgram } from "./fixtures/program.js";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "episcope-resume-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const words = [
  "visualization=debug_verbose",
  "visualization.output_formats=[svg]",
  "logging.async_logger.queue_size=8",
  "logging.async_logger.shutdown_timeout=0.2",
];

/** The pictures and exports of a run, by their paths. */
function outputsOf(run: string): string[] {
  return readdirSync(run, { recursive: true })
    .map(String)
    .filter((name) => /\.svg$|episode\.json/.test(name))
    .sort();
}

describe("episcope resume", { timeout: 300_000 }, () => {
  it("is not needed by a run that has ended: it has drawn everything", async () => {
    const { status, out } = await program(dir, "play", "episodes=3", ...words, "storage.run_name=whole");
    expect(status).toBe(0);
    const again = await program(dir, "resume", out.trim());
    expect(again).toMatchObject({ status: 0, out: expect.stringContaining("whole: complete;") });
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "draws and exports what a run had not when %s came",
    async (signal) => {
      const name = `ended-by-${signal.toLowerCase()}`;
      const run = join(dir, "outputs/dev_episodes", name);
      const play = startProgram(dir, ["play", "episodes=3", ...words, `storage.run_name=${name}`]);
      const ended = outcomeOf(play);
      while (!existsSync(join(run, "episode_0001")) || outputsOf(run).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      play.kill(signal);
      await ended;
      const resumed = await program(dir, "resume", run);
      expect(resumed).toMatchObject({ status: 0, out: expect.stringContaining(`${name}: complete;`) });
      expect(existsSync(join(run, "log"))).toBe(false);
      // The pictures of every step and episode that the journals have, and those of another run of the same seed.
      const { out: list } = await program(dir, "list", run);
      const whole = join(dir, "outputs/dev_episodes/whole");
      const names = outputsOf(run);
      const { out: records } = await program(dir, "replay", run);
      const steps = records.split("\n").filter((line) => line.includes('"type":"step"')).length;
      expect(names.filter((path) => path.includes("step_")).length).toBe(steps);
      expect(list).toContain("1");
      for (const path of names.filter((one) => one.includes("step_")))
        expect(readFileSync(join(run, path)).equals(readFileSync(join(whole, path))), path).toBe(true);
      const verified = await program(dir, "verify", run);
      expect(verified.out).not.toMatch(/damaged|lost/);
    },
  );
});
