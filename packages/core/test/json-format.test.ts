import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import type { EpisodeRecord, StreamRecord } from "@episcope/records";
import { largeEpisode, paintingEpisode } from "@episcope/records/testing";
import { describe, expect, it } from "vitest";
// Inside: core exports no built-in plugin; configs name them.
import json from "../src/plugins/json.js";

describe("the JSON export", () => {
  const encode = async (compression: boolean, records: Iterable<EpisodeRecord>): Promise<Buffer> => {
    const context = { run: { configHash: "abc" } } as never;
    const format = await json.create({ compression }, context);
    expect(format.extension).toBe(compression ? "json.gz" : "json");
    const pieces: Uint8Array[] = [];
    for await (const piece of format.encode({ number: 4, records: () => records })) pieces.push(piece);
    return Buffer.concat(pieces);
  };

  it("holds the fields of the design's log entries, one line per step", async () => {
    const text = String(await encode(false, paintingEpisode()));
    const entry = JSON.parse(text) as Record<string, unknown> & { steps: Record<string, unknown>[] };
    expect(entry).toMatchObject({
      format: "episcope-episode",
      version: 1,
      episode_num: 4,
      total_steps: 6,
      final_similarity: 1,
      outcome: "success",
      task_id: "sample-painting",
      config_hash: "abc",
      target: {
        grid: [
          [2, 0, 2],
          [0, 5, 0],
          [3, 3, 3],
        ],
      },
    });
    expect(entry.steps).toHaveLength(6);
    expect(entry.steps[1]).toMatchObject({
      step_num: 1,
      before_state: {
        grid: [
          [2, 0, 0],
          [0, 5, 0],
          [0, 0, 0],
        ],
      },
      action: { operation: 3, operation_name: "Fill 3", selection: { kind: "bbox", bbox: [2, 0, 2, 2] } },
      after_state: {
        grid: [
          [2, 0, 0],
          [0, 5, 0],
          [3, 3, 3],
        ],
      },
    });
    expect(text.split("\n").filter((line) => line.includes('"step_num"'))).toHaveLength(6);
  });

  it("is the same text compressed, also in several pieces", async () => {
    const records = largeEpisode(150);
    const text = await encode(false, records);
    expect(gunzipSync(await encode(true, records)).equals(text)).toBe(true);
    expect(text.length).toBeGreaterThan(2 * 256 * 1024);
  });

  it("holds an episode without steps and one without an end", async () => {
    const records: StreamRecord[] = paintingEpisode();
    const entry = JSON.parse(String(await encode(false, records.slice(0, 1) as EpisodeRecord[]))) as object;
    expect(entry).toMatchObject({ steps: [], outcome: "crashed", end_timestamp: null, total_steps: 0 });
  });
});
