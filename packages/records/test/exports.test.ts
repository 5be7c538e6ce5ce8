import { gzipSync } from "node:zlib";
import type { EpisodeRecord } from "@episcope/records";
import {
  encodeJsonEpisode,
  type FileSystem,
  JournalWriter,
  jsonExports,
  type ManifestEpisode,
  ManifestWriter,
  manifestEpisode,
  Replayer,
  RunReader,
  RunStream,
  RunViews,
  readManifest,
  recoverRun,
  sealJournal,
  verifyRun,
  writeManifest,
} from "@episcope/records/store";
import { paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import { AWKWARD_EPISODE, asExported } from "@episcope/testing/exported-episodes";
import { memoryDisk } from "@episcope/testing/memory-disk";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { episode as anEpisode } from "./arbitrary-records.js";

vi.setConfig({ testTimeout: 60_000 });

const RUN = "/out/run_1";
const EPISODES: readonly (readonly EpisodeRecord[])[] = [
  paintingEpisode(),
  resizingEpisode(),
  paintingEpisode(),
];

let fs: FileSystem;

beforeEach(() => {
  fs = memoryDisk().fs;
});

/** A finished run of version 1 with a JSON export of each episode, and the pictures of the first one. */
function record({ exported = true }: { readonly exported?: boolean } = {}): void {
  fs.mkdirSync(RUN, { recursive: true });
  const manifest = new ManifestWriter(RUN, { fs, run: "run_1", created: 5 });
  const run = new JournalWriter(`${RUN}/run.epi`, { fs });
  run.append({ type: "run-start", seq: 0, run: "run_1", time: 5, config_hash: "abc", meta: {} });
  run.append({
    type: "run-end",
    seq: 1 + EPISODES.flat().length,
    time: 9,
    outcome: "finished",
    accounting: {},
  });
  run.close();
  let seq = 1;
  for (const [at, records] of EPISODES.entries()) {
    const number = at + 1;
    const dir = `episode_000${number}`;
    fs.mkdirSync(`${RUN}/${dir}`);
    const path = `${RUN}/${dir}/journal.epi`;
    const writer = new JournalWriter(path, { fs, episode: number });
    for (const item of records) writer.append({ ...item, seq: seq++ });
    writer.close();
    sealJournal(path, { fs });
    const text = [...encodeJsonEpisode({ number, records: () => records }, { configHash: "abc" })].join("");
    if (exported) fs.writeFileSync(`${RUN}/${dir}/episode.json.gz`, gzipSync(text));
    const start = records[0]!;
    const end = records.at(-1)!;
    if (start.type !== "episode-start" || end.type !== "episode-end") throw new Error("no whole episode");
    const files = ["journal.epi", ...(exported ? ["episode.json.gz"] : [])];
    manifest.add(manifestEpisode(fs, RUN, { number, dir, start, end, files }));
  }
  for (const name of ["step_000.png", "step_000.svg", "summary.svg"]) {
    fs.writeFileSync(`${RUN}/episode_0001/${name}`, "");
  }
  manifest.finish({});
}

const reader = (): RunReader => new RunReader(RUN, { fs });
const load = (number: number) => new Replayer(reader()).loadEpisode(number);
const stream = (): unknown[] => {
  const records: unknown[] = [];
  using items = new RunStream(RUN, { fs });
  for (let item = items.next(); item !== null; item = items.next()) records.push(item.record);
  return records;
};
const journal = (number: number): string => `${RUN}/episode_000${number}/journal.epi`;

/** What can happen to a journal as a whole. */
const LOSSES: readonly [string, (path: string) => void][] = [
  ["deleted", (path) => fs.rmSync(path)],
  ["zero length", (path) => fs.writeFileSync(path, "")],
  ["all zeros", (path) => fs.writeFileSync(path, new Uint8Array(fs.statSync(path).size))],
  [
    "damaged in its first block",
    (path) => {
      const bytes = new Uint8Array(fs.readFileSync(path));
      bytes.fill(0x55, 40, 90);
      fs.writeFileSync(path, bytes);
    },
  ],
];

describe("a JSON export", () => {
  it("gives back the records that it was made of, whatever they hold", () => {
    const source = { number: 1, records: () => AWKWARD_EPISODE };
    const awkward = [...encodeJsonEpisode(source, { configHash: "" })].join("");
    const { records } = jsonExports.read(Buffer.from(awkward), "episode.json");
    expect(asExported(records)).toEqual(asExported(AWKWARD_EPISODE));
    fc.assert(
      fc.property(anEpisode("e"), (recorded) => {
        const source = { number: 7, records: () => recorded };
        const text = [...encodeJsonEpisode(source, { configHash: "h" })].join("");
        const read = jsonExports.read(Buffer.from(text), "episode.json");
        expect(read).toMatchObject({ number: 7, configHash: "h" });
        expect(asExported(read.records)).toEqual(asExported(recorded));
      }),
      { numRuns: 60 },
    );
  });

  it("is refused with what is wrong with it: EXPORT_UNREADABLE", () => {
    const good = [...encodeJsonEpisode({ number: 1, records: () => EPISODES[0]! }, { configHash: "" })].join(
      "",
    );
    for (const [text, problem] of [
      [good.slice(0, 500), "JSON"],
      ["[]", "format"],
      ["null", "format"],
      [good.replace('"version": 1', '"version": 9'), "version 9"],
      [good.replace('"episode_num": 1', '"episode_num": 0'), "number"],
      [good.replace(/"grid":\[\[\d+,/, '"grid":[['), "one length"],
      [good.replace('"outcome": "', '"outcome": "un'), "outcome"],
      [good.replace(/"metadata": .*/, '"metadata": {"__proto__":1},'), "__proto__"],
      ["[".repeat(100_000), ""],
    ] as const) {
      expect(() => jsonExports.read(Buffer.from(text), "x/episode.json"), problem).toThrow(
        expect.objectContaining({ code: "EXPORT_UNREADABLE", message: expect.stringContaining(problem) }),
      );
    }
    const cut = gzipSync(good).subarray(0, 100);
    expect(() => jsonExports.read(cut, "x")).toThrow(expect.objectContaining({ code: "EXPORT_UNREADABLE" }));
  });
});

describe.each(LOSSES)("an episode whose journal is %s", (_how, lose) => {
  it("is read from its export, the same entries and the same stream", () => {
    record();
    const [entry, records, listed] = [load(2), stream(), reader().episodes];
    lose(journal(2));
    expect(load(2)).toEqual(entry);
    expect(reader().episodes).toEqual(listed);
    if (_how !== "damaged in its first block") expect(stream()).toEqual(records);
    const report = verifyRun(reader(), { fs });
    expect(report.intact).toBe(false);
    expect(report.findings.filter(({ episode }) => episode !== 2)).toEqual([]);
    fs.rmSync(`${RUN}/run.epi`);
    expect(load(2)).toEqual(entry);
    fs.rmSync(`${RUN}/manifest.json`);
    expect(reader().episodes.map(({ number, key }) => [number, key])).toEqual(
      listed.map(({ number, key }) => [number, key]),
    );
    expect(load(2)).toEqual(entry);
  });

  it("gets it again by recovery, which says the loss once and comes to the same again", () => {
    record();
    const [entry, records] = [load(2), stream()];
    lose(journal(2));
    expect(recoverRun(RUN, { fs })).toMatchObject({ episodes: 3, rebuilt: 1, unreadable: 0, loss: true });
    expect(load(2)).toEqual(entry);
    expect(stream()).toEqual(records);
    expect(verifyRun(reader(), { fs })).toMatchObject({ intact: true, findings: [] });
    expect(recoverRun(RUN, { fs })).toMatchObject({ rebuilt: 0, loss: false, manifestWritten: false });
  });

  it("stays listed with what is known where there is no export, and the loss is said: EPISODE_NOT_KEPT", () => {
    record({ exported: false });
    const listed = readManifest(fs, RUN)!.episodes;
    lose(journal(2));
    if (_how !== "damaged in its first block") {
      expect(() => load(2)).toThrow(expect.objectContaining({ code: "EPISODE_NOT_KEPT" }));
      expect(stream()).toHaveLength(2 + EPISODES[0]!.length + EPISODES[2]!.length);
    }
    for (let time = 0; time < 2; time++) {
      expect(recoverRun(RUN, { fs })).toMatchObject({ episodes: 3, rebuilt: 0, loss: true });
      if (_how === "deleted") expect(new RunViews(reader()).run().episodes).toHaveLength(2);
      const [, kept] = readManifest(fs, RUN)!.episodes;
      expect(kept).toMatchObject({ number: 2, key: listed[1]!.key, totals: listed[1]!.totals });
      expect(verifyRun(reader(), { fs }).intact).toBe(false);
    }
  });
});

describe("loadEpisode", () => {
  it("names the pictures that are there, relative to the run", () => {
    record();
    const { steps, summary_visualization_path: summary } = load(1);
    expect(steps[0]!.visualization_path).toBe("episode_0001/step_000.svg");
    expect(steps[1]!.visualization_path).toBeNull();
    expect(summary).toBe("episode_0001/summary.svg");
    expect(load(2).summary_visualization_path).toBeNull();
  });
});

describe("a manifest", () => {
  it("that lists less than there is, is a finding, and recovery lists it", () => {
    record();
    const manifest = readManifest(fs, RUN)!;
    writeManifest(fs, RUN, { ...manifest, episodes: manifest.episodes.filter(({ number }) => number !== 2) });
    const { findings, intact } = verifyRun(reader(), { fs });
    expect(intact).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: "manifest",
        severity: "error",
        message: expect.stringContaining("episode_0002"),
      }),
    );
    recoverRun(RUN, { fs });
    const facts = ({ number, key, totals, outcome }: ManifestEpisode) => ({ number, key, totals, outcome });
    expect(readManifest(fs, RUN)!.episodes.map(facts)).toEqual(manifest.episodes.map(facts));
  });

  it("that knew more than the journal has, is a finding", () => {
    record({ exported: false });
    const path = journal(1);
    fs.rmSync(path);
    const writer = new JournalWriter(path, { fs, episode: 1 });
    for (const item of EPISODES[0]!.slice(0, 3)) writer.append(item);
    writer.close();
    sealJournal(path, { fs });
    const { findings } = verifyRun(reader(), { fs });
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: "manifest",
        severity: "loss",
        message: expect.stringContaining("knew more"),
      }),
    );
  });

  it("that lists an episode whose directory is gone, keeps it, and the loss is said", () => {
    record();
    fs.rmSync(`${RUN}/episode_0003`, { recursive: true });
    expect(recoverRun(RUN, { fs })).toMatchObject({ episodes: 3, loss: true });
    expect(() => load(3)).toThrow(expect.objectContaining({ code: "EPISODE_NOT_KEPT" }));
  });
});
