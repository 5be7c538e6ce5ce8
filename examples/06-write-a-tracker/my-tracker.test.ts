import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { openRun, presetDirectory } from "@episcope/core";
import { createGrid } from "@episcope/records";
import { startScriptedServer } from "@episcope/tracker/testing";
import { afterAll, expect, it, vi } from "vitest";

const outputs = mkdtempSync(join(tmpdir(), "episcope-example-"));
afterAll(() => rmSync(outputs, { recursive: true }));

it("a tracker in one TypeScript file has every row once, though its server fails at first", async () => {
  const rows: { readonly step: number; readonly numbers: object }[] = [];
  const server = await startScriptedServer({
    // The second request is the first one again: the server had it, but its answer was lost.
    fault: (_, number) => (number === 0 ? { kind: "reset-after" } : null),
    answer({ path, headers, body }) {
      expect(headers["authorization"]).toBe("Bearer key");
      const first = Number(path.split("/").at(-1));
      for (const [index, row] of JSON.parse(Buffer.from(body).toString()).entries())
        rows[first + index] = row;
      return {};
    },
  });
  vi.stubEnv("MY_TRACKER_KEY", "key");
  try {
    const { config } = await compose({
      source: fileSource(presetDirectory()),
      name: "config",
      overrides: [
        ...[
          "visualization=debug_off",
          "logging.async_logger.worker_threads=0",
          `storage.base_output_dir=${outputs}`,
        ],
        ...["+logging.sinks.mine._target_=./my-tracker.ts", `+logging.sinks.mine.server=${server.origin}`],
      ],
      now: new Date(),
    });
    const run = await openRun(config, {
      cwd: import.meta.dirname,
      allowPlugins: ["./my-tracker.ts"],
      process: null,
    });
    const episode = run.startEpisode({ taskId: "t", initial: createGrid(2, 2), target: createGrid(2, 2, 1) });
    episode.step({ action: { operation: 3 }, after: createGrid(2, 2, 0), reward: -0.5 });
    episode.step({ action: { operation: 34 }, after: createGrid(2, 2, 1), reward: 1, terminated: true });
    await episode.end();
    run.metrics(7, { loss: 0.25 });
    await run.close();
    expect(rows.map(({ step, numbers }) => [step, numbers])).toEqual([
      [0, { reward: -0.5, similarity: 0 }],
      [1, { reward: 1, similarity: 1 }],
      [1, expect.objectContaining({ "episode/success": 1, "episode/steps": 2 })],
      [7, { loss: 0.25 }],
    ]);
  } finally {
    vi.unstubAllEnvs();
    await server.close();
  }
});
