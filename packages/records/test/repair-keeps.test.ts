import type { EpisodeRecord } from "@episcope/records";
import {
  type FileSystem,
  JournalReader,
  JournalWriter,
  ManifestWriter,
  manifestEpisode,
  RunReader,
  recoverRun,
  sealJournal,
  verifyRun,
} from "@episcope/records/store";
import { largeEpisode, paintingEpisode } from "@episcope/records/testing";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { beforeEach, describe, expect, it } from "vitest";

const RUN = "/out/run_1";
const SECOND = `${RUN}/episode_0002/journal.epi`;
const EPISODES = [paintingEpisode("a"), largeEpisode(150, "b"), paintingEpisode("c")];

let fs: FileSystem;

/** A run that was closed; its journals are of version 1, whose frames know nothing of each other. */
beforeEach(() => {
  fs = memoryDisk().fs;
  fs.mkdirSync(RUN, { recursive: true });
  const manifest = new ManifestWriter(RUN, { fs, run: "run_1", created: 5 });
  const run = new JournalWriter(`${RUN}/run.epi`, { fs });
  run.append({ type: "run-start", seq: 0, run: "run_1", time: 5, config_hash: "abc", meta: {} });
  run.close();
  sealJournal(`${RUN}/run.epi`, { fs });
  for (const [at, records] of EPISODES.entries()) {
    const number = at + 1;
    const dir = `episode_000${number}`;
    fs.mkdirSync(`${RUN}/${dir}`);
    const writer = new JournalWriter(`${RUN}/${dir}/journal.epi`, { fs, episode: number });
    for (const record of records) writer.append(record);
    writer.close();
    sealJournal(`${RUN}/${dir}/journal.epi`, { fs });
    const start = records[0] as EpisodeRecord & { type: "episode-start" };
    const end = records.at(-1) as EpisodeRecord & { type: "episode-end" };
    manifest.add(manifestEpisode(fs, RUN, { number, dir, start, end, files: ["journal.epi"] }));
  }
  manifest.finish({ journal: { accepted: 9, written: 9, dropped: 0, reasons: {} } });
});

function steps(number: number): number {
  return [...new RunReader(RUN, { fs }).records(number)].filter(({ type }) => type === "step").length;
}

function findings(): string[] {
  const report = verifyRun(new RunReader(RUN, { fs }), { fs });
  return report.findings.map(({ kind, severity, episode }) => `${kind} ${severity} ${episode}`);
}

describe("recovery of a run whose journal is damaged", () => {
  it("keeps the episode, its task and the steps of which the beginning is lost", () => {
    const bytes = fs.readFileSync(SECOND) as Buffer;
    fs.writeFileSync(SECOND, bytes.fill(0, 60, 70));
    const readable = steps(2);
    expect(readable).toBeGreaterThan(80);
    expect(recoverRun(RUN, { fs })).toMatchObject({ episodes: 3, loss: true });
    expect(new RunReader(RUN, { fs }).episode(2)).toMatchObject({ key: "b", task_id: "sample-large" });
    expect(steps(2)).toBe(readable);
    expect(findings()).toContain("start_missing loss 2");
  });

  const gone: Readonly<Record<string, () => void>> = {
    "has no bytes": () => fs.writeFileSync(SECOND, ""),
    "is all zeros": () => fs.writeFileSync(SECOND, (fs.readFileSync(SECOND) as Buffer).fill(0)),
    "is deleted": () => fs.unlinkSync(SECOND),
    "is deleted with its directory": () => fs.rmSync(`${RUN}/episode_0002`, { recursive: true }),
  };
  for (const [name, damage] of Object.entries(gone)) {
    it(`keeps the episode listed and says the loss, again and again, where it ${name}`, () => {
      damage();
      for (const _time of [1, 2]) {
        expect(recoverRun(RUN, { fs })).toMatchObject({ episodes: 3, loss: true });
        expect(new RunReader(RUN, { fs }).episode(2)).toMatchObject({ key: "b", outcome: "failure" });
        expect(findings().filter((finding) => finding.endsWith("loss 2"))).not.toEqual([]);
      }
    });
  }

  it("says that a run whose own journal is gone has lost it", () => {
    fs.unlinkSync(`${RUN}/run.epi`);
    expect(recoverRun(RUN, { fs })).toMatchObject({ episodes: 3, loss: true });
    expect(findings()).toEqual(["file_missing loss null"]);
  });
});

describe("a journal with records of another episode", () => {
  it("gives its own, and names the others", () => {
    const writer = new JournalWriter("/mixed.epi", { fs, episode: 2 });
    const own = largeEpisode(3, "own");
    for (const record of own.slice(0, 3)) writer.append(record);
    for (const record of paintingEpisode("other")) writer.append(record);
    writer.close();
    using reader = new JournalReader("/mixed.epi", { fs, key: "own" });
    expect([...reader.records()]).toEqual(own.slice(0, 3));
    expect(reader.problems).toEqual([expect.objectContaining({ kind: "foreign" })]);
    // Sealing would hide where they came from.
    expect(() => sealJournal("/mixed.epi", { fs })).toThrow("1 damaged place");
  });

  it("is found by verify, whole or in part", () => {
    fs.writeFileSync(SECOND, fs.readFileSync(`${RUN}/episode_0001/journal.epi`));
    expect(findings()).toEqual(
      expect.arrayContaining(["foreign error 2", "manifest error 2", "checksum error 2"]),
    );
    expect(recoverRun(RUN, { fs })).toMatchObject({ episodes: 3, loss: true });
    expect(new RunReader(RUN, { fs }).episodes.map(({ number }) => number)).toEqual([1, 2, 3]);
  });
});

describe("a manifest", () => {
  it("that lists less than there is, or more, is named", () => {
    const path = `${RUN}/manifest.json`;
    const manifest = JSON.parse(fs.readFileSync(path, "utf8") as string) as { episodes: unknown[] };
    fs.writeFileSync(path, JSON.stringify({ ...manifest, episodes: manifest.episodes.slice(0, 1) }));
    expect(findings()).toEqual(expect.arrayContaining(["manifest error null", "manifest error null"]));
    recoverRun(RUN, { fs });
    expect(findings()).toEqual([]);
  });
});
