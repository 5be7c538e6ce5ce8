import { encodeMessagePack, type StreamRecord } from "@episcope/records";
import { describe, expect, it, vi } from "vitest";
import { HELLO } from "./fixtures/streams.js";
import { createWorld, type World } from "./fixtures/world.js";

vi.setConfig({ testTimeout: 120_000 });

/** Stands for the largest integer of 64 bits, which the encoder does not write. */
const UINT64 = 1.5e300;

interface Awkward {
  /** As JSON, in a line of NDJSON. */
  readonly json: string;
  /** As a value of MessagePack; left out where that has the same as another row. */
  readonly packed?: unknown;
  /** In the journal and the JSON export, as JSON. */
  readonly kept: string;
  /** In the terminal. */
  readonly shown: string;
  /** Told of when it is recorded: the value is not what it was sent as. */
  readonly isTold?: boolean;
}

/** No value becomes another without a word, and none steers a terminal or breaks a file. */
const VALUES: Readonly<Record<string, Awkward>> = {
  "2^53 + 1": {
    json: "9007199254740993",
    kept: '"9007199254740993"',
    shown: "9007199254740993",
    isTold: true,
  },
  "the largest uint64": {
    ...{ json: "18446744073709551615", packed: UINT64 },
    ...{ kept: '"18446744073709551615"', shown: "18446744073709551615", isTold: true },
  },
  "2^128, which a double has exactly": {
    ...{ json: "340282366920938463463374607431768211456", packed: 2 ** 128 },
    ...{ kept: "3.402823669209385e+38", shown: "3.402823669209385e+38" },
  },
  NaN: { json: "NaN", packed: Number.NaN, kept: '"NaN"', shown: "NaN" },
  "minus zero": { json: "-0.0", packed: -0, kept: '"-0"', shown: "-0" },
  NUL: { json: '"a\\u0000b"', packed: "a\0b", kept: '"a\\u0000b"', shown: "a\ufffdb" },
  "an escape sequence": {
    json: '"\\u001b[2J"',
    packed: "\u001b[2J",
    kept: '"\\u001b[2J"',
    shown: "\ufffd[2J",
  },
  "a lone surrogate": { json: '"\\ud800"', kept: '"\\ud800"', shown: "\ufffd" },
};

const start = {
  ...{ type: "episode-start", seq: 0, episode: "e", time: 1, task_id: "t", pair_index: 0, mode: "train" },
  ...{ initial: { shape: [1, 2], data: [0, 0] }, target: { shape: [1, 2], data: [1, 1] }, meta: {} },
} as const;
const step = {
  ...{ type: "step", seq: 1, episode: "e", step: 0, time: 2, action: { operation: 1 } },
  ...{ after: { shape: [1, 2], data: [1, 1] }, reward: 0, terminated: true, truncated: false },
} as const;
const end = {
  ...{ type: "episode-end", seq: 2, episode: "e", time: 3, outcome: "success" },
  totals: { steps: 1, reward: 0, final_similarity: 1, best_similarity: 1 },
} as const;

function ndjson(json: string): Buffer {
  const name = json.startsWith('"') ? json : '"n"';
  const [head] = JSON.stringify(step).split('"action":{"operation":1}');
  const line = `${JSON.stringify(step).replace('"action":{"operation":1}', `"action":{"operation":1,"name":${name}}`).slice(0, -1)},"info":{"v":${json}}}`;
  expect(line.startsWith(head!)).toBe(true);
  return Buffer.from([JSON.stringify(HELLO), JSON.stringify(start), line, JSON.stringify(end)].join("\n"));
}

function messagePack(value: unknown): Buffer {
  const grids = (record: object) =>
    JSON.parse(JSON.stringify(record), (_key, member: { data?: number[] }) =>
      Array.isArray(member?.data) ? { ...member, data: Uint8Array.from(member.data) } : member,
    ) as StreamRecord;
  const own = { ...grids(step), info: { v: value } } as unknown as StreamRecord;
  const bytes = Buffer.concat(
    [HELLO, grids(start), own, grids(end)].map((record) => encodeMessagePack(record)),
  );
  const double = Buffer.alloc(9, 0xcb);
  double.writeDoubleBE(UINT64, 1);
  const at = bytes.indexOf(double);
  if (at >= 0) bytes.fill(0xff, at, at + 9).writeUInt8(0xcf, at);
  return bytes;
}

async function recorded(input: Buffer): Promise<{ readonly world: World; readonly messages: string }> {
  const world = createWorld({ files: { in: input } });
  const words = ["storage.run_name=r", "logging.compression=false", "logging.wandb.enabled=true"];
  const { status, messages } = await world.run("record", "input=in", ...words);
  expect([status, messages]).toEqual([0, messages]);
  return { world, messages };
}

const RUN = "outputs/dev_episodes/r";
const infoOf = (text: string) => /"info":\{"v":(.*?)(,"metrics"|\})/.exec(text)?.[1];

describe("an awkward value of a producer", () => {
  for (const [name, { json, packed, kept, shown, isTold }] of Object.entries(VALUES)) {
    it(`is in every artefact what it was, or is told of: ${name}`, async () => {
      for (const input of [ndjson(json), ...(packed === undefined ? [] : [messagePack(packed)])]) {
        const { world, messages } = await recorded(input);
        const replayed = await world.run("replay", RUN, "--episode", "1");
        expect(infoOf(replayed.out)).toBe(kept);
        expect(infoOf(world.read(`${RUN}/episode_0001/episode.json`).toString())).toBe(kept);
        const { out } = await world.run("show", RUN, "--episode", "1", "--step", "0");
        expect(/info\.v +(.*)/.exec(out)?.[1]?.trimEnd()).toBe(shown);
        expect(/contradicts itself or its format/.test(messages)).toBe(isTold === true);
        for (const text of [messages, out, (await world.run("list", RUN)).out]) {
          expect([...text].some((character) => character < " " && character !== "\n")).toBe(false);
        }
        for (const file of world.files(RUN).filter((path) => path.endsWith(".svg"))) {
          // XML knows no such characters, not even as references.
          expect(world.read(`${RUN}/${file}`).toString()).not.toMatch(
            /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]|&#0;/,
          );
        }
        expect((await world.run("verify", RUN)).status).toBe(0);
      }
    });
  }

  it("is read behind a byte order mark, and where it is no UTF-8 it is told of", async () => {
    const plain = ndjson('"caf\u00e9"');
    const marked = await recorded(Buffer.concat([Buffer.from("\ufeff"), plain]));
    const { out } = await marked.world.run("replay", RUN, "--episode", "1");
    expect(infoOf(out)).toBe('"caf\u00e9"');
    // One byte as Latin-1 has it.
    const latin = Buffer.from(plain.toString().replaceAll("\u00e9", "\u0001"), "latin1").map((byte) =>
      byte === 1 ? 0xe9 : byte,
    );
    const broken = await recorded(Buffer.from(latin));
    expect(infoOf((await broken.world.run("replay", RUN, "--episode", "1")).out)).toBe('"caf\ufffd"');
    expect(broken.messages).toMatch(/no UTF-8|UTF-8/);
  });
});

describe("an awkward number in a config", () => {
  it.each([
    ["9007199254740993", "9007199254740993"],
    ["18446744073709551615", "18446744073709551615"],
    ["340282366920938463463374607431768211456", "340282366920938463463374607431768211456"],
    [".nan", ".nan"],
    ["-0.0", "-0.0"],
  ])("%s is the same by file, override and environment", async (written, printed) => {
    const world = createWorld({
      files: { "mine/storage/mine.yaml": `defaults: [development, _self_]\nmax_storage_gb: ${written}\n` },
    });
    const word = written === ".nan" ? "nan" : written;
    const outs = [
      await world.run("config", "--config-dir", "mine", "storage=mine", "-p", "storage"),
      await world.run("config", `storage.max_storage_gb=${word}`, "-p", "storage"),
      await world.with({ env: { EPISCOPE__STORAGE__MAX_STORAGE_GB: word } }).run("config", "-p", "storage"),
    ];
    for (const { out, messages } of outs) {
      expect(messages).not.toContain("this should not have happened");
      // Not a limit that holds, perhaps: then it is refused by its name.
      if (out === "") expect(messages).toContain("storage.max_storage_gb");
      else expect(out).toContain(`max_storage_gb: ${printed}\n`);
    }
    expect(new Set(outs.map(({ out }) => out === "")).size).toBe(1);
  });
});
