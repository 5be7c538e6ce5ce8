import * as nodeFs from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { decodeNdjson, type EpisodeRecord, type StreamRecord } from "@episcope/records";
import {
  type FileSystem,
  Replayer,
  RunReader,
  RunStream,
  recoverRun,
  verifyRun,
} from "@episcope/records/store";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { beforeEach, describe, expect, it } from "vitest";

/** A run as the first version recorded it, and a copy of its directory in the middle; written once, never again. */
const GOLDEN = fileURLToPath(new URL("golden/run-v1", import.meta.url));
const stream = gunzipSync(nodeFs.readFileSync(`${GOLDEN}/records.ndjson.gz`))
  .toString()
  .trimEnd()
  .split("\n")
  .map((line) => decodeNdjson(line) as StreamRecord);
/** Records that were accepted when the copy was made. */
const COPIED = 40;

/** In the order of their starts; the key of the first comes again. */
const episodes: EpisodeRecord[][] = [];
for (const record of stream) {
  if (record.type === "episode-start") episodes.push([]);
  if ("episode" in record) {
    episodes.findLast(([start]) => start === undefined || start.episode === record.episode)!.push(record);
  }
}

let fs: FileSystem;

beforeEach(() => {
  fs = memoryDisk().fs;
  copy(GOLDEN, "/runs");
});

function copy(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of nodeFs.readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copy(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else fs.writeFileSync(`${to}/${entry.name}`, nodeFs.readFileSync(`${from}/${entry.name}`));
  }
}

describe("a run of format version 1", () => {
  it("is listed and replayed as it was recorded", () => {
    const run = new RunReader("/runs/complete", { fs });
    expect(run.episodes.map(({ number, key, outcome }) => [number, key, outcome])).toEqual([
      [1, "a", "success"],
      [2, "b", "failure"],
      [3, "c", "truncated"],
      [4, "a", "success"],
    ]);
    for (const [at, records] of episodes.entries()) {
      expect([...new Replayer(run).records(at + 1)]).toEqual(records);
    }
    const others = [...run.runRecords()].filter(({ type }) => type === "metrics");
    expect(others).toEqual(stream.filter(({ type }) => type === "metrics"));
    expect(verifyRun(run, { fs })).toMatchObject({ intact: true, findings: [], steps: 86 });
  });

  it("is read in the order in which it came, with what was decided made anew", () => {
    const read = (from: number) => {
      using stream = new RunStream("/runs/complete", { fs, from });
      const items = [];
      for (let item = stream.next(); item !== null; item = stream.next()) items.push(item);
      return items;
    };
    const items = read(0);
    const [first, ...rest] = items;
    expect(first!.record).toMatchObject({ type: "run-start", seq: 0 });
    // The run's own start and end have numbers of the stream as well.
    expect(rest.slice(0, -1).map(({ record }) => record)).toEqual(stream);
    expect(items.map(({ position }) => position)).toEqual(items.map((_item, at) => at));
    const steps = items.filter(({ record }) => record.type === "step");
    expect(steps.map(({ decisions }) => decisions.global_step)).toEqual(steps.map((_item, at) => at));
    const keys = steps.filter(({ episode }) => episode === 1).map(({ decisions }) => decisions.key);
    const run = new RunReader("/runs/complete", { fs });
    expect(keys).toEqual([...new Replayer(run).stepViews(1)].map(({ reasons }) => reasons));
    expect(read(60)).toEqual(items.slice(60));
  });

  it("whose recorder died is read as far as it came, and recovered", () => {
    const kept = episodes[1]!.filter(({ seq }) => seq < COPIED);
    const run = new RunReader("/runs/crashed", { fs });
    expect(run.episodes.map(({ outcome }) => outcome)).toEqual(["success", "crashed", "truncated"]);
    expect([...run.records(2)]).toEqual(kept);
    expect(recoverRun("/runs/crashed", { fs })).toMatchObject({ episodes: 3, loss: false });
    const recovered = new RunReader("/runs/crashed", { fs });
    expect([...recovered.records(2)]).toEqual(kept);
    expect(verifyRun(recovered, { fs }).findings.map(({ kind }) => kind)).toEqual(["end_missing"]);
  });
});
