import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { JournalReader, readManifest } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, target } from "@episcope/testing/small-run";
import { afterAll, describe, expect, it } from "vitest";
import { openRun } from "../src/index.js";

const folder = fs.mkdtempSync(join(tmpdir(), "episcope-finish-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

async function record(threads: number, episodes: number) {
  const config = testConfig({
    logging: { async_logger: { worker_threads: threads, shutdown_timeout: 30 } },
    storage: { base_output_dir: folder, run_name: `with-${threads}` },
  });
  const run = await openRun(config, {
    logger: collectLines().logger,
    clock: createManualClock(),
    process: null,
  });
  const open = Array.from({ length: episodes }, (_, index) =>
    run.startEpisode({ taskId: `t${index}`, initial: blank, target, key: `env${index}` }),
  );
  for (let step = 0; step < 200; step++) {
    for (const episode of open)
      episode.step({ action: { operation: step % 35 }, after: painted(step % 4), reward: 0 });
  }
  await Promise.all(open.map((episode) => episode.end()));
  await run.close();
  return run;
}

describe("finishing episodes in a worker", () => {
  it("seals and exports 64 interleaved episodes as finishing in process does", async () => {
    const [here, there] = [await record(0, 64), await record(1, 64)];
    const manifests = [here, there].map((run) => readManifest(fs, run.dir)!);
    expect(manifests[1]!.episodes).toEqual(
      manifests[0]!.episodes.map((episode) => ({ ...episode, files: expect.anything() })),
    );
    for (const { number, dir, files } of manifests[1]!.episodes) {
      using reader = new JournalReader(join(there.dir, dir, "journal.epi"), { fs });
      expect(reader.sealed).toBe(true);
      const text = (run: typeof here) =>
        gunzipSync(fs.readFileSync(join(run.dir, dir, "episode.json.gz"))).toString();
      const hash = /"config_hash": "\w+"/;
      expect(text(there).replace(hash, "")).toBe(text(here).replace(hash, ""));
      expect(files.map((file) => file.path)).toEqual(["journal.epi", "episode.json.gz"]);
      // The journals themselves do not know who wrote them.
      const path = join(dir, "journal.epi");
      expect(fs.readFileSync(join(there.dir, path)).equals(fs.readFileSync(join(here.dir, path)))).toBe(true);
      expect(number).toBeGreaterThan(0);
    }
  });

  it("keeps episodes apart: 64 interleaved give the journals that one after another gives", async () => {
    const config = (name: string) =>
      testConfig({
        logging: { formats: { json: { _target_: "json", enabled: false } } },
        storage: { base_output_dir: folder, run_name: name },
      });
    const steps = async (name: string, interleaved: boolean) => {
      const run = await openRun(config(name), {
        logger: collectLines().logger,
        clock: createManualClock(),
        process: null,
      });
      const start = (index: number) =>
        run.startEpisode({ taskId: "t", initial: blank, target, key: `env${index}` });
      const step = (episode: ReturnType<typeof start>, at: number) =>
        episode.step({ action: { operation: at }, after: painted((at + episode.number) % 5), reward: at });
      if (interleaved) {
        const open = Array.from({ length: 64 }, (_, index) => start(index));
        for (let at = 0; at < 30; at++) for (const episode of open) step(episode, at);
        for (const episode of open) await episode.end();
      } else {
        for (let index = 0; index < 64; index++) {
          const episode = start(index);
          for (let at = 0; at < 30; at++) step(episode, at);
          await episode.end();
        }
      }
      await run.close();
      return readManifest(fs, run.dir)!.episodes.map(({ dir }) => {
        using reader = new JournalReader(join(run.dir, dir, "journal.epi"), { fs });
        return [...reader.records()].map(({ seq: _seq, ...rest }) => rest);
      });
    };
    expect(await steps("interleaved", true)).toEqual(await steps("in-turn", false));
  });
});
