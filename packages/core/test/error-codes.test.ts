import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import {
  episodeViewOf,
  JournalReader,
  JournalWriter,
  RunReader,
  recoverRun,
  sealJournal,
} from "@episcope/records/store";
import { collectLines } from "@episcope/testing/collect-lines";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target, textRenderer } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { definePlugin, type Format, openRun, type Renderer, type Run, type Sink } from "../src/index.js";

const START = { taskId: "t", initial: blank, target };
const JOURNAL = "/project/outputs/test/episode_0001/journal.epi";
const noExport = { formats: { json: { _target_: "json", enabled: false } } };
const step = (color: number) => ({ action: { operation: 0 }, after: painted(color), reward: 0 });

const codesOf = (run: Run) => run.stats().problems.map(({ error }) => (error as { code?: string }).code);

/** Records of a small episode in an open journal. */
function writeJournal(path: string, disk = memoryDisk()) {
  const { fs } = disk;
  fs.mkdirSync("/project", { recursive: true });
  const writer = new JournalWriter(path, { fs, episode: 1 });
  writer.append({
    ...{ type: "episode-start", seq: 0, episode: "e", time: 0, task_id: "t", pair_index: 0, mode: "train" },
    ...{ initial: blank, target, meta: {} },
  });
  const flags = { terminated: false, truncated: false, info: {} };
  for (let index = 0; index < 3; index++)
    writer.append({
      type: "step",
      seq: index + 1,
      episode: "e",
      step: index,
      time: 0,
      ...step(index),
      ...flags,
    });
  writer.close();
  return disk;
}

/** Offset of the frame of a record in an open journal. */
function frameAt(bytes: Buffer, index: number): number {
  let offset = 40;
  for (let skipped = 0; skipped < index; skipped++) offset += 8 + bytes.readUInt32LE(offset);
  return offset;
}

describe("what a journal refuses", () => {
  it("is a record that makes no sense though its checksum is right: JOURNAL_CONTENT_INVALID, as a problem", () => {
    const disk = writeJournal("/project/journal.epi");
    const bytes = Buffer.from(disk.fs.readFileSync("/project/journal.epi"));
    const offset = frameAt(bytes, 2);
    const end = offset + 8 + bytes.readUInt32LE(offset);
    // A step that says it is the end of a run.
    bytes[offset + 8] = 7;
    const sum = crc32(bytes.subarray(offset + 8, end), crc32(bytes.subarray(offset, offset + 4)));
    bytes.writeUInt32LE(sum, offset + 4);
    disk.fs.writeFileSync("/project/journal.epi", bytes);
    using reader = new JournalReader("/project/journal.epi", { fs: disk.fs });
    for (const _record of reader.records());
    const [found] = reader.problems;
    expect(found).toMatchObject({ kind: "content", offset });
    expect(found?.message).toContain("a record of the journal cannot be decoded");
  });

  it("is to be sealed with damage in it: JOURNAL_DAMAGED, and the open file stays as it is", () => {
    const disk = writeJournal("/project/journal.epi");
    const bytes = Buffer.from(disk.fs.readFileSync("/project/journal.epi"));
    bytes[frameAt(bytes, 2) + 9]! ^= 1;
    disk.fs.writeFileSync("/project/journal.epi", bytes);
    expect(() => sealJournal("/project/journal.epi", { fs: disk.fs })).toThrow(
      expect.objectContaining({
        code: "JOURNAL_DAMAGED",
        fields: { file: "/project/journal.epi", problems: 1 },
      }),
    );
    expect(Buffer.from(disk.fs.readFileSync("/project/journal.epi")).equals(bytes)).toBe(true);
  });

  it("is a system that takes no bytes and says nothing: JOURNAL_WRITE_STALLED", () => {
    const disk = memoryDisk();
    const faulty = faultyFs(disk.fs);
    faulty.rule = (call) => (call === "writeSync" ? 0 : undefined);
    expect(() => writeJournal("/project/journal.epi", { ...disk, fs: faulty.fs })).toThrow(
      expect.objectContaining({ code: "JOURNAL_WRITE_STALLED" }),
    );
  });
});

describe("what a run says of its parts", () => {
  const open = async (
    changes: Parameters<typeof testConfig>[0],
    plugins: Parameters<typeof runOptions>[1] = {},
  ) => {
    const disk = memoryDisk();
    const { logger, lines } = collectLines();
    const run = await openRun(testConfig(changes), runOptions(disk, { logger, ...plugins }));
    return { disk, run, lines };
  };

  it("RENDER_FAILED: the renderer, and its own words", async () => {
    const broken = definePlugin({
      kind: "renderer",
      name: "broken",
      create: (): Renderer => ({
        mediaType: "x",
        extension: "x",
        kinds: ["summary"],
        render: () => {
          throw new Error("no ink");
        },
      }),
    });
    const { run, lines } = await open(
      {
        logging: noExport,
        visualization: { output_formats: ["broken"], renderers: { broken: { _target_: "broken" } } },
      },
      { plugins: [broken] },
    );
    const episode = run.startEpisode(START);
    episode.step(step(1));
    await episode.end();
    await run.close();
    const [problem] = run.stats().problems;
    expect(problem?.error).toMatchObject({ code: "SINK_FAILED", cause: { code: "RENDER_FAILED" } });
    expect(lines.join("\n")).toMatch(/visualization\.renderers\.broken.*no ink/);
  });

  it("EXPORT_FAILED: the format, and the journal has the episode all the same", async () => {
    const broken = definePlugin({
      kind: "format",
      name: "broken",
      create: (): Format => ({
        extension: "x",
        encode: () => {
          throw new Error("no such dialect");
        },
      }),
    });
    const { run, disk, lines } = await open(
      { logging: { log_format: "broken", formats: { broken: { _target_: "broken" } } } },
      { plugins: [broken] },
    );
    const episode = run.startEpisode(START);
    episode.step(step(1));
    await episode.end();
    await run.close();
    expect(codesOf(run)).toEqual(["EXPORT_FAILED"]);
    expect(lines.join("\n")).toMatch(/logging\.formats\.broken.*no such dialect/);
    using reader = new JournalReader(JOURNAL, { fs: disk.fs });
    expect([...reader.records()]).toHaveLength(3);
  });

  it("SEAL_FAILED: the records stay in the log, from which recover makes the journals", async () => {
    const { run, disk } = await open({ logging: noExport });
    const episode = run.startEpisode(START);
    for (let color = 0; color < 4; color++) episode.step(step(color));
    const rename = disk.fs.renameSync.bind(disk.fs);
    disk.fs.renameSync = (from, to) => {
      if (String(to).endsWith("journal.epi")) throw Object.assign(new Error("refused"), { code: "EIO" });
      rename(from, to);
    };
    await episode.end();
    await run.close();
    expect(new Set(codesOf(run))).toEqual(new Set(["SEAL_FAILED"]));
    expect(disk.fs.existsSync(JOURNAL)).toBe(false);
    expect([...new RunReader(run.dir, { fs: disk.fs }).records(1)]).toHaveLength(6);
    disk.fs.renameSync = rename;
    expect(recoverRun(run.dir, { fs: disk.fs })).toMatchObject({ loss: false, episodes: 1 });
    using reader = new JournalReader(JOURNAL, { fs: disk.fs });
    expect(reader.sealed).toBe(true);
    expect([...reader.records()]).toHaveLength(6);
  });

  it("PLUGIN_DUPLICATE: two plugins of one kind and name, before anything is made", async () => {
    await expect(open({}, { plugins: [textRenderer, textRenderer] })).rejects.toMatchObject({
      code: "PLUGIN_DUPLICATE",
    });
  });

  it("FLUSH_TIMEOUT: who has not written what it got", async () => {
    let release = (): void => {};
    const slow = definePlugin({
      kind: "sink",
      name: "slow",
      create: (): Sink => ({
        accepts: ["step"],
        write: () =>
          new Promise<void>((resolve) => {
            release = resolve;
          }),
      }),
    });
    const { run } = await open(
      { logging: { ...noExport, sinks: { slow: { _target_: "slow", overflow: "block" } } } },
      { plugins: [slow] },
    );
    const episode = run.startEpisode(START);
    episode.step(step(1));
    await expect(run.flush({ outputs: true, timeoutMs: 5 })).rejects.toMatchObject({
      code: "FLUSH_TIMEOUT",
      message: expect.stringContaining("logging.sinks.slow"),
    });
    release();
    await run.flush({ outputs: true });
    await episode.end();
    await run.close();
  });

  it("EPISODE_START_MISSING: an episode whose first record is lost has no view", () => {
    expect(() => episodeViewOf({ number: 3, records: () => [] })).toThrow(
      expect.objectContaining({ code: "EPISODE_START_MISSING" }),
    );
  });
});

describe("docs/errors.md", () => {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const filesOf = (folder: string): string[] =>
    readdirSync(join(root, "packages"))
      .map((name) => join(root, "packages", name, folder))
      .filter((path) => existsSync(path))
      .flatMap((path) =>
        readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
          .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
      );

  it("has only codes that are thrown, and each has a test that names it", () => {
    const codes = [...readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(/^\| `([A-Z_]+)`/gm)].map(
      ([, code]) => code!,
    );
    expect(codes.length).toBeGreaterThan(80);
    const [sources, tests] = [filesOf("src").join("\n"), filesOf("test").join("\n")];
    const named = (text: string, code: string): boolean => new RegExp(`\\b${code}\\b`).test(text);
    expect(codes.filter((code) => !named(sources, code))).toEqual([]);
    expect(codes.filter((code) => !named(tests, code))).toEqual([]);
  });
});
