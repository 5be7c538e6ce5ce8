import { gzipSync } from "node:zlib";
import { encodeMessagePack, MAX_MESSAGE_BYTES } from "@episcope/records";
import { describe, expect, it } from "vitest";
import { episodeRecords, episodesOf, HELLO, messagePackOf, ndjsonOf, recordsOf } from "./fixtures/streams.js";
import { CWD, createWorld, runDirOf, type World, type WorldOptions } from "./fixtures/world.js";

const QUIET = ["visualization=debug_off", "storage.run_name=run"];

async function record(stdin: NonNullable<WorldOptions["stdin"]>, ...words: string[]) {
  const world = createWorld({ stdin });
  const outcome = await world.run("record", ...QUIET, ...words);
  return { world, outcome };
}

async function replayed(world: World, dir = "outputs/dev_episodes/run") {
  return episodesOf((await world.run("replay", dir)).out);
}

const lines = ndjsonOf(episodeRecords());
const expected = recordsOf(lines.slice(1).join("\n"));

describe("episcope record", () => {
  it("takes NDJSON from standard input and prints the run's directory", async () => {
    const { world, outcome } = await record([`${lines.join("\n")}\n`]);
    expect(outcome.status).toBe(0);
    expect(runDirOf(outcome)).toBe(`${CWD}/outputs/dev_episodes/run`);
    expect(await replayed(world)).toEqual(expected);
  });

  it("takes MessagePack in chunks of any size, and the records are the same", async () => {
    const bytes = messagePackOf(episodeRecords());
    const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) =>
      bytes.subarray(i * 7, i * 7 + 7),
    );
    const { world, outcome } = await record(chunks);
    expect(outcome.status).toBe(0);
    expect(await replayed(world)).toEqual(expected);
  });

  it.each([0x20, 0x7b, 0xef])("takes MessagePack whose first byte, %i, could begin a text", async (first) => {
    const hello = (producer: string) => encodeMessagePack({ ...HELLO, producer });
    const producer = Array.from({ length: 256 }, (_, n) => "p".repeat(n)).find((p) => hello(p)[0] === first);
    const records = episodeRecords().map((entry) => encodeMessagePack(entry));
    const { world, outcome } = await record([Buffer.concat([hello(producer!), ...records])]);
    expect(outcome.status).toBe(0);
    expect(await replayed(world)).toEqual(expected);
  });

  it("takes a byte-order mark, CRLF, blank lines, and a last line without a line feed", async () => {
    const text = `\ufeff${lines.join("\r\n\r\n")}`;
    const { world, outcome } = await record([text]);
    expect([outcome.status, outcome.messages]).toEqual([0, expect.not.stringContaining("refused")]);
    expect(await replayed(world)).toEqual(expected);
  });

  it("takes a multi-byte character that is cut between two chunks", async () => {
    const [hello, start, ...rest] = lines as [string, string, ...string[]];
    const named = start.replace('"task_id":"', '"task_id":"grün-');
    const bytes = Buffer.from([hello, named, ...rest].join("\n"));
    const cut = bytes.indexOf("ü") + 1;
    const { world } = await record([bytes.subarray(0, cut), bytes.subarray(cut)]);
    expect((await replayed(world))[0]).toHaveProperty("task_id", expect.stringMatching(/^grün-/));
  });

  it("takes many episodes that are open at once, each under its own key", async () => {
    const a = episodeRecords("a");
    const b = episodeRecords("b", 100);
    const mixed = a.flatMap((entry, index) => [entry, b[index]!]);
    const { world, outcome } = await record([ndjsonOf(mixed).join("\n")]);
    expect(outcome.status).toBe(0);
    const all = await replayed(world);
    // A replay numbers the records of a run as they came.
    const alike = ({ seq: _, ...record }: (typeof all)[number]) => record;
    const sent = recordsOf(ndjsonOf(a).slice(1).join("\n"));
    expect(all.filter(({ episode }) => episode === "a").map(alike)).toEqual(sent.map(alike));
    expect(all).toHaveLength(a.length + b.length);
  });

  it("reads a file that input names", async () => {
    const world = createWorld({ files: { "stream.ndjson": lines.join("\n") } });
    const outcome = await world.run("record", ...QUIET, "input=stream.ndjson");
    expect(outcome.status).toBe(0);
    expect(await replayed(world)).toEqual(expected);
  });

  it("leaves no directory behind where the file of input does not exist", async () => {
    const world = createWorld();
    const outcome = await world.run("record", ...QUIET, "input=nope.ndjson");
    expect(outcome.status).toBe(1);
    expect(outcome.messages).toContain("CLI_INPUT_UNREADABLE");
    expect(world.files(".")).toEqual([]);
  });

  it("makes no run of an empty stream, and that is no error", async () => {
    for (const stdin of [[], ["\n\n"]]) {
      const { world, outcome } = await record(stdin);
      expect([outcome.status, outcome.out, outcome.messages]).toEqual([
        0,
        "",
        expect.stringContaining("no run was made"),
      ]);
      expect(world.files(".")).toEqual([]);
    }
  });

  it("takes a stream that is compressed with gzip, in one piece or in several", async () => {
    const parts = [lines.slice(0, 4), lines.slice(4)].map((part) => gzipSync(`${part.join("\n")}\n`));
    for (const bytes of [gzipSync(messagePackOf(episodeRecords())), Buffer.concat(parts)]) {
      const { world, outcome } = await record([bytes.subarray(0, 2), bytes.subarray(2)]);
      expect([outcome.status, outcome.messages]).toEqual([0, expect.not.stringContaining("refused")]);
      expect(await replayed(world)).toEqual(expected);
    }
  });

  it("keeps what came before a compressed stream was cut", async () => {
    const bytes = gzipSync(lines.join("\n"));
    const { world, outcome } = await record([bytes.subarray(0, bytes.length - 12)]);
    expect([outcome.status, outcome.messages]).toEqual([3, expect.stringContaining("CLI_STREAM_CUT")]);
    expect((await replayed(world)).slice(0, 3)).toEqual(expected.slice(0, 3));
  });
});

describe("a line that is no record", () => {
  it.each([
    ["is no JSON", "{oops", "RECORD_LINE_INVALID"],
    ["is a list", "[1]", "RECORD_INVALID"],
    ["has an unknown type", '{"type":"stepp","seq":9}', "RECORD_TYPE_UNKNOWN"],
    ["lacks a field", '{"type":"step","seq":9,"episode":"painting"}', "RECORD_INVALID"],
    ["has a step of an episode that is not open", lines[2]!.replace("painting", "other"), "EPISODE_UNKNOWN"],
    [
      "has a key that could change what an object inherits",
      '{"__proto__":{"a":1},"type":"step"}',
      "RECORD_KEY_REFUSED",
    ],
  ])("that %s is told with its number and left out, and all others are recorded", async (_, bad, code) => {
    const { world, outcome } = await record([[...lines.slice(0, 3), bad, ...lines.slice(3)].join("\n")]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toMatch(new RegExp(`line 4 of the input is refused: .*\\[${code}\\]`));
    expect(outcome.messages).toContain("1 message of the input was refused and is not in the run");
    expect(await replayed(world)).toEqual(expected);
  });

  it("is told without what could steer a terminal", async () => {
    const { outcome } = await record([
      [...lines, "\u001b[2J\u001b[31mred", '{"type":"\u001b[2J"}'].join("\n"),
    ]);
    expect(outcome.messages.match(/is refused/g)).toHaveLength(2);
    expect(outcome.messages).not.toContain("\u001b");
  });

  it("is told ten times at most, and all are counted", async () => {
    const { outcome } = await record([[...lines, ...Array(40).fill("?")].join("\n")]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages.match(/is refused/g)).toHaveLength(10);
    expect(outcome.messages).toContain("40 messages of the input were refused");
  });

  it("may be longer than a message can be without being kept in memory", async () => {
    const megabyte = Buffer.alloc(2 ** 20, 0x78);
    async function* chunks() {
      yield Buffer.from(`${lines.slice(0, 3).join("\n")}\n`);
      for (let sent = 0; sent <= MAX_MESSAGE_BYTES; sent += megabyte.length) yield megabyte;
      yield Buffer.from(`\n${lines.slice(3).join("\n")}`);
    }
    const all: Uint8Array[] = [];
    for await (const chunk of chunks()) all.push(chunk);
    const { world, outcome } = await record(all);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toContain("line 4 of the input is refused");
    expect(outcome.messages).toContain("CLI_LINE_TOO_LONG");
    expect(await replayed(world)).toEqual(expected);
  });
});

describe("a stream that is not whole", () => {
  it("keeps what came before a MessagePack stream was cut", async () => {
    const bytes = messagePackOf(episodeRecords());
    const { world, outcome } = await record([bytes.subarray(0, bytes.length - 3)]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toContain("CLI_STREAM_CUT");
    const records = await replayed(world);
    expect(records.slice(0, -1)).toEqual(expected.slice(0, -1));
    expect(records.at(-1)).toMatchObject({ type: "episode-end", outcome: "aborted" });
  });

  it("keeps what came before NDJSON was cut, and ends the episode as aborted", async () => {
    const text = lines.join("\n");
    const { world, outcome } = await record([text.slice(0, -20)]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toContain(`line ${lines.length} of the input is refused`);
    const records = await replayed(world);
    expect(records.slice(0, -1)).toEqual(expected.slice(0, -1));
    expect(records.at(-1)).toMatchObject({ type: "episode-end", outcome: "aborted" });
  });

  it("keeps what came before a MessagePack length that cannot be right", async () => {
    const bytes = Buffer.concat([messagePackOf(episodeRecords()), Buffer.from([0xff, 0xff, 0xff, 0xff, 0])]);
    const { world, outcome } = await record([bytes]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toContain("MESSAGE_INVALID");
    expect(await replayed(world)).toEqual(expected);
  });

  it("that does not begin with hello is recorded, and said to be wrong", async () => {
    const { world, outcome } = await record([lines.slice(1).join("\n")]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toContain("CLI_HELLO_MISSING");
    expect(await replayed(world)).toEqual(expected);
  });

  it("of a newer version is refused as a whole: nothing is recorded of it", async () => {
    const { world, outcome } = await record([lines.join("\n").replace('"version":1', '"version":99')]);
    expect([outcome.status, outcome.out]).toEqual([1, ""]);
    expect(outcome.messages).toContain("version 99");
    expect(outcome.messages).toContain("STREAM_VERSION_UNSUPPORTED");
    expect(world.files(".")).toEqual([]);
  });

  it("is refused from a hello of a newer version on", async () => {
    const newer = lines[0]!.replace('"version":1', '"version":99');
    const { world, outcome } = await record([[...lines.slice(0, 3), newer, ...lines.slice(3)].join("\n")]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toContain(`${lines.length - 2} messages of the input were refused`);
    expect((await replayed(world)).slice(0, 2)).toEqual(expected.slice(0, 2));
  });

  it.each([
    ["a recording of ARC-AGI-3", '{"timestamp": "2026-01-02", "data": {"frame": [[[0]]]}}'],
    ["an ARC task", '{"train": [], "test": []}'],
    ["JSON over several lines", '{\n  "type": "hello"\n}'],
    ["one list of everything", '[{"type": "hello"}]'],
    ["text in UTF-16", Buffer.from("\ufeff{}", "utf16le")],
    ["compressed with zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0])],
  ])("that is %s is told so, once, and no run is made", async (what, input) => {
    const { world, outcome } = await record([input]);
    expect([outcome.status, outcome.out]).toEqual([1, ""]);
    expect(outcome.messages.match(/CLI_FORMAT_UNREADABLE/g)).toHaveLength(1);
    expect(outcome.messages).toContain(what);
    expect(world.files(".")).toEqual([]);
  });
});

describe("--ack-fd", () => {
  it.each(["x", "-1", "0", "1.5"])("refuses %s as wrong use", async (value) => {
    const outcome = await createWorld().run("record", `--ack-fd=${value}`);
    expect(outcome.status).toBe(2);
    expect(outcome.messages).toContain("CLI_FLAG_INVALID");
  });

  it("gets the answers to flush and ack, and each refusal with its line", async () => {
    const stdin = [...lines, '{"type":"flush","id":7}', "?", '{"type":"ack"}'].join("\n");
    const world = createWorld({ stdin: [stdin] });
    const fd = world.fs.openSync(`${CWD}/answers`, "w");
    const outcome = await world.run("record", ...QUIET, `--ack-fd=${fd}`);
    world.fs.closeSync(fd);
    expect(outcome.status).toBe(3);
    const answers = world
      .read("answers")
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(answers).toMatchObject([
      { type: "flushed", id: 7, dropped: 0, seq: expected.length - 1 },
      { type: "error", line: lines.length + 2, code: "RECORD_LINE_INVALID" },
      { type: "ack", seq: expected.length - 1 },
    ]);
  });
});
