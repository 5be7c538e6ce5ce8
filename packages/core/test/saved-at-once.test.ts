import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { afterEach, describe, expect, it, vi } from "vitest";
import { definePlugin, openRun, resumeRun, type Sink } from "../src/index.js";

afterEach(() => vi.useRealTimers());

describe("a sink of a run that is killed right after it began", () => {
  it("finds again what it had opened", async () => {
    // The two seconds after which states are saved never pass.
    vi.useFakeTimers({ toFake: ["setInterval"] });
    const disk = memoryDisk();
    const found: unknown[] = [];
    const mine = definePlugin({
      kind: "sink",
      name: "mine",
      create: (_options, { resume }): Sink => {
        found.push(resume);
        return { accepts: ["step"], write() {}, flush: () => ({ opened: "a place" }) };
      },
    });
    const config = testConfig({ logging: { sinks: { mine: { _target_: "mine" } } } });
    const options = { ...runOptions(disk), plugins: [mine] };
    const run = await openRun(config, options);
    const outputs = () => disk.fs.readFileSync(`${run.dir}/outputs.json`, "utf8") as string;
    await expect.poll(() => outputs()).toContain("a place");
    run
      .startEpisode({ taskId: "t", initial: blank, target })
      .step({ action: { operation: 0 }, after: painted(1), reward: 0 });
    await run.flush();
    const killed = memoryDisk();
    copy(disk.fs, killed.fs, run.dir);
    await run.close();
    await resumeRun(run.dir, { ...runOptions(killed), plugins: [mine] });
    expect(found).toEqual([null, { position: 0, state: { opened: "a place" } }]);
  });
});

type Files = ReturnType<typeof memoryDisk>["fs"];

function copy(from: Files, to: Files, folder: string): void {
  to.mkdirSync(folder, { recursive: true });
  for (const entry of from.readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) copy(from, to, path);
    else if (entry.name !== "lock") to.writeFileSync(path, from.readFileSync(path));
  }
}
