import type { PluginContext } from "@episcope/core";
import type { Grid } from "@episcope/records";
import type { EpisodeSource } from "@episcope/records/store";
import { grid } from "@episcope/testing/text-grids";
import { Dataset, File, FS, Group, ready } from "h5wasm";
import { beforeAll, describe, expect, it, vi } from "vitest";
// Inside: no episode makes the library fail, or go missing.
import { hdf5WriteFailed } from "../src/errors.js";
import plugin, {
  createHdf5Format,
  LAYOUT_VERSION,
  MAX_METRICS,
  metricDatasetName,
  PADDING,
  UNUSED,
} from "../src/index.js";
import { loadHdf5 } from "../src/library.js";
import { type SampleStep, sampleEpisode } from "./episodes.js";

const options = { level: 4, run: "run_1", configHash: "abc" };

async function bytesOf(episode: EpisodeSource, level = 4): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of createHdf5Format({ ...options, level }).encode(episode)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Opens the exported bytes with h5wasm and closes them again. */
async function reading<T>(episode: EpisodeSource, read: (file: Reader) => T, level = 4): Promise<T> {
  FS!.writeFile("/read.h5", await bytesOf(episode, level));
  const file = new File("/read.h5", "r");
  try {
    return read({
      values: (path) => Array.from(dataset(file, path).value as Iterable<number>),
      texts: (path) => dataset(file, path).value as string[],
      shape: (path) => dataset(file, path).shape,
      filters: (path) => dataset(file, path).filters.map(({ name }) => name),
      chunks: (path) => dataset(file, path).metadata.chunks,
      attribute: (path, name) => holder(file, path).attrs[name]?.value,
      names: (path) => (holder(file, path) as Group).keys(),
    });
  } finally {
    file.close();
    FS!.unlink("/read.h5");
  }
}

interface Reader {
  values(path: string): number[];
  texts(path: string): string[];
  shape(path: string): number[] | null;
  filters(path: string): string[];
  chunks(path: string): number[] | null;
  attribute(path: string, name: string): unknown;
  names(path: string): string[];
}

function dataset(file: File, path: string): Dataset {
  const found = file.get(path);
  if (!(found instanceof Dataset)) throw new Error(`no dataset ${path}`);
  return found;
}

function holder(file: File, path: string): Dataset | Group {
  const found = path === "/" ? file : file.get(path);
  if (!(found instanceof Dataset || found instanceof Group)) throw new Error(`nothing at ${path}`);
  return found;
}

const STEPS: readonly SampleStep[] = [
  {
    operation: 33,
    selection: { kind: "bbox", bbox: [0, 0, 1, 2] },
    after: grid("120/300"),
    reward: 0.5,
    info: { similarity: 0.5, success: false, metrics: { "loss/value": 1.5, é: 2 }, note: "ünï" },
  },
  {
    operation: 3,
    selection: { kind: "point", point: [0, 2] },
    after: grid("123/300"),
    info: { metrics: { "loss/value": Number.NaN } },
  },
  {
    operation: 99,
    name: "Zaubern",
    selection: { kind: "mask", mask: Uint8Array.from([1, 0, 0, 0, 1, 1]) },
    after: grid("923/344"),
    info: { similarity: Number.NaN, deep: { list: [1, "two", null, Number.POSITIVE_INFINITY] } },
    state: { clipboard: [1, 2] },
  },
  { operation: 34, before: grid("1/2/3/4"), after: grid("1/2/3/4"), info: { success: true } },
];

beforeAll(async () => {
  await ready;
});

describe("the HDF5 export", () => {
  it("holds each grid, padded to the largest shape, with its own shape beside it", async () => {
    await reading(sampleEpisode(STEPS), (file) => {
      const P = PADDING;
      expect(file.shape("steps/after")).toEqual([4, 4, 3]);
      expect(file.values("steps/after").slice(0, 12)).toEqual([1, 2, 0, 3, 0, 0, P, P, P, P, P, P]);
      expect(file.values("steps/after").slice(36)).toEqual([1, P, P, 2, P, P, 3, P, P, 4, P, P]);
      expect(file.values("steps/after_shape")).toEqual([2, 3, 2, 3, 2, 3, 4, 1]);
      expect(file.values("target")).toEqual([1, 2, 3, 4, 5, 6, P, P, P, P, P, P]);
      expect(file.values("initial")).toEqual([1, 2, P, 3, 0, P, P, P, P, P, P, P]);
      expect(file.values("input")).toEqual(file.values("initial"));
      expect(file.attribute("target", "shape")).toEqual(Int32Array.of(2, 3));
      expect(file.attribute("/", "padding_value")).toBe(P);
    });
  });

  it("fills in the grid before a step where the record leaves it out", async () => {
    await reading(sampleEpisode(STEPS), (file) => {
      expect(file.values("steps/before_shape")).toEqual([2, 2, 2, 3, 2, 3, 4, 1]);
      expect(file.values("steps/before").slice(0, 12)).toEqual(file.values("initial"));
      expect(file.values("steps/before").slice(12, 24)).toEqual(file.values("steps/after").slice(0, 12));
    });
  });

  it("holds each selection as a mask over the grid before and as it was said", async () => {
    await reading(sampleEpisode(STEPS), (file) => {
      const U = UNUSED;
      expect(file.values("steps/selection_kind")).toEqual([3, 2, 1, 0]);
      expect(file.attribute("steps", "selection_kinds")).toEqual(["none", "mask", "point", "bbox"]);
      expect(file.values("steps/selection_raw")).toEqual([0, 0, 1, 2, 0, 2, U, U, U, U, U, U, U, U, U, U]);
      expect(file.attribute("steps", "selection_unused")).toBe(U);
      expect(file.values("steps/selection").slice(0, 6)).toEqual([1, 1, 0, 1, 1, 0]);
      expect(file.values("steps/selection").slice(12, 18)).toEqual([0, 0, 1, 0, 0, 0]);
      expect(file.values("steps/selection").slice(24, 30)).toEqual([1, 0, 0, 0, 1, 1]);
      expect(file.values("steps/selection").slice(36)).toEqual(new Array(12).fill(0));
    });
  });

  it("holds operations, rewards, times and flags", async () => {
    await reading(sampleEpisode(STEPS), (file) => {
      expect(file.values("steps/step")).toEqual([0, 1, 2, 3]);
      expect(file.values("steps/operation")).toEqual([33, 3, 99, 34]);
      expect(file.texts("steps/operation_name")).toEqual(["Resize", "Fill 3", "Zaubern", "Submit"]);
      expect(file.values("steps/reward")).toEqual([0.5, 0, 0, 0]);
      expect(file.values("steps/time")).toEqual([1001, 1001.125, 1001.25, 1001.375]);
      expect(file.values("steps/success")).toEqual([0, -1, -1, 1]);
      expect(file.values("steps/terminated")).toEqual([0, 0, 0, 1]);
      expect(file.values("steps/truncated")).toEqual([0, 0, 0, 0]);
    });
  });

  it("takes the producer's similarity, computes it where it is left out, and says NaN where it is unknown", async () => {
    await reading(sampleEpisode(STEPS), (file) => {
      expect(file.values("steps/similarity")).toEqual([0.5, 0.5, Number.NaN, 1 / 6]);
    });
  });

  it("gives each metric a column and keeps the rest of info as JSON", async () => {
    await reading(sampleEpisode(STEPS), (file) => {
      expect(file.names("metrics")).toEqual(["%C3%A9", "loss%2Fvalue"]);
      expect(file.values("metrics/loss%2Fvalue")).toEqual([1.5, Number.NaN, Number.NaN, Number.NaN]);
      expect(file.texts("steps/info_json").map((text) => JSON.parse(text))).toEqual([
        { note: "ünï" },
        { metrics: { "loss/value": "NaN" } },
        { deep: { list: [1, "two", null, "Infinity"] } },
        {},
      ]);
      expect(file.texts("steps/state_json")).toEqual(["", "", '{"clipboard":[1,2]}', ""]);
    });
  });

  it("keeps metrics beyond the limit in the JSON", async () => {
    const metrics = Object.fromEntries(
      Array.from({ length: MAX_METRICS + 2 }, (_, index) => [`m${index}`, index]),
    );
    await reading(sampleEpisode([{ operation: 34, after: grid("1"), info: { metrics } }]), (file) => {
      expect(file.names("metrics")).toHaveLength(MAX_METRICS);
      expect(JSON.parse(file.texts("steps/info_json")[0]!)).toEqual({ metrics: { m512: 512, m513: 513 } });
    });
  });

  it("keeps metrics whose names HDF5 cannot tell apart in the JSON", async () => {
    const metrics = { "\ud800": 1, "\ud801": 2 };
    await reading(sampleEpisode([{ operation: 34, after: grid("1"), info: { metrics } }]), (file) => {
      expect(file.names("metrics")).toEqual([]);
      expect(JSON.parse(file.texts("steps/info_json")[0]!)).toEqual({ metrics });
    });
  });

  it("encodes names of metrics that HDF5 would read as paths", () => {
    expect(["a/b", "a.b", ".", "..", "", "50%"].map(metricDatasetName)).toEqual([
      "a%2Fb",
      "a.b",
      "%2E",
      "%2E%2E",
      "%",
      "50%25",
    ]);
  });

  it("says what the episode was in its attributes", async () => {
    await reading(sampleEpisode(STEPS), (file) => {
      const attribute = (name: string): unknown => file.attribute("/", name);
      expect(attribute("format")).toBe("episcope-episode");
      expect(attribute("format_version")).toBe(LAYOUT_VERSION);
      expect(attribute("task_id")).toBe("été/1");
      expect(attribute("episode")).toBe("env-7");
      expect(attribute("episode_number")).toBe(12);
      expect([attribute("pair_index"), attribute("mode"), attribute("outcome")]).toEqual([
        3,
        "train",
        "failure",
      ]);
      expect([attribute("run"), attribute("config_hash")]).toEqual(["run_1", "abc"]);
      expect([attribute("steps"), attribute("reward")]).toEqual([4, 0.75]);
      expect([attribute("initial_similarity"), attribute("final_similarity")]).toEqual([1 / 3, Number.NaN]);
      expect(attribute("best_similarity")).toBe(0.5);
      expect([attribute("start_time"), attribute("end_time")]).toEqual([1000.25, 2000.5]);
    });
    const meta = await reading(sampleEpisode(STEPS), (file) => file.texts("meta_json"));
    expect(JSON.parse(String(meta))).toEqual({ agent: "search", note: "日本", odd: ["NaN", null] });
  });

  it("keeps every value over many chunks", async () => {
    const count = 1500;
    const cells = (index: number): Grid => grid(`${index % 10}${(index + 1) % 10}/${(index * 7) % 10}3`);
    const steps = Array.from({ length: count }, (_, index) => ({
      operation: index % 35,
      after: cells(index),
      reward: index / 3,
      info: { metrics: { n: index }, text: "x".repeat(index % 50) },
    }));
    await reading(sampleEpisode(steps), (file) => {
      expect(file.chunks("steps/after")).toEqual([64, 2, 3]);
      expect(file.values("steps/reward")).toEqual(steps.map(({ reward }) => reward));
      expect(file.values("metrics/n")).toEqual(steps.map((_, index) => index));
      const expected = steps.flatMap(({ after }) => {
        const [a, b, c, d] = after.data;
        return [a!, b!, PADDING, c!, d!, PADDING];
      });
      expect(file.values("steps/after")).toEqual(expected);
      expect(file.texts("steps/info_json").map((text) => JSON.parse(text).text)).toEqual(
        steps.map(({ info }) => info.text),
      );
    });
  });

  it("writes an episode without steps, and one that never ended", async () => {
    await reading(sampleEpisode([], false), (file) => {
      expect(file.shape("steps/after")).toEqual([0, 2, 3]);
      expect(file.shape("steps/info_json")).toEqual([0]);
      expect(file.attribute("/", "outcome")).toBe("crashed");
      expect(file.attribute("/", "end_time")).toBeNaN();
    });
  });

  it("keeps the padding that grids have of their own", async () => {
    const masked: Grid = { ...grid("12/34"), mask: Uint8Array.from([1, 0, 2, 1]) };
    await reading(sampleEpisode([{ operation: 1, after: masked }]), (file) => {
      expect(file.values("steps/after_valid")).toEqual([1, 0, 0, 1, 1, 0]);
      expect(file.values("steps/before_valid")).toEqual([1, 1, 0, 1, 1, 0]);
    });
    await reading(sampleEpisode(STEPS), (file) => expect(file.names("steps")).not.toContain("after_valid"));
  });

  it("compresses with gzip unless it is told not to", async () => {
    await reading(sampleEpisode(STEPS), (file) => expect(file.filters("steps/after")).toEqual(["deflate"]));
    await reading(sampleEpisode(STEPS), (file) => expect(file.filters("steps/after")).toEqual([]), 0);
  });

  it("leaves nothing behind in the library's memory, also where it fails or is stopped", async () => {
    const left = (): string[] => FS!.readdir("/").filter((name: string) => name.endsWith(".h5"));
    await bytesOf(sampleEpisode(STEPS));
    for await (const _ of createHdf5Format(options).encode(sampleEpisode(STEPS))) break;
    await expect(bytesOf({ number: 1, records: () => [] })).rejects.toThrow();
    expect(left()).toEqual([]);
  });
});

describe("the plugin", () => {
  const context = { run: { name: "r", configHash: "c" } } as unknown as PluginContext;

  it("compresses at level 4 by default, as its schema says", () => {
    expect(plugin.options).toMatchObject({
      additionalProperties: false,
      properties: { compression: { default: true }, level: { default: 4, minimum: 1, maximum: 9 } },
    });
  });

  it("writes without compression where logging.compression is off", async () => {
    const format = await plugin.create({ compression: false, level: 4 }, context);
    expect(format.extension).toBe("h5");
    const steps = Array.from({ length: 200 }, () => ({ operation: 1, after: grid("000/000") }));
    const sizeOf = async (compression: boolean): Promise<number> => {
      let size = 0;
      const { encode } = await plugin.create({ compression, level: 9 }, context);
      for await (const piece of encode(sampleEpisode(steps))) size += piece.length;
      return size;
    };
    expect(await sizeOf(true)).toBeLessThan(await sizeOf(false));
  });
});

describe("errors of the export", () => {
  it("HDF5_WRITE_FAILED says which episode and why", async () => {
    await expect(bytesOf({ number: 7, records: () => [] })).rejects.toMatchObject({
      code: "HDF5_WRITE_FAILED",
      message: "episode 7 cannot be written as HDF5: it has no episode-start record.",
      fields: { plugin: "hdf5", episode: 7 },
    });
  });

  it("HDF5_WRITE_FAILED passes on what the journal's reader throws", async () => {
    const torn: EpisodeSource = {
      number: 2,
      records: () => {
        throw new Error("block 3 is damaged");
      },
    };
    await expect(bytesOf(torn)).rejects.toThrow("episode 2 cannot be written as HDF5: block 3 is damaged.");
  });

  it("HDF5_WRITE_FAILED gives the innermost reason of the library, which throws instead of returning -1", async () => {
    const library = await loadHdf5();
    const open = (): unknown => new library.File("/no/such/folder/x.h5", "w");
    expect(open).toThrow();
    try {
      open();
    } catch (cause) {
      expect(hdf5WriteFailed(5, cause).message).toMatch(
        /^episode 5 .*unable to open file: .*No such file or directory/,
      );
    }
  });

  it("HDF5_UNAVAILABLE says that the library cannot be loaded", async () => {
    vi.doMock("h5wasm", () => ({ ready: Promise.reject(new Error("no memory")) }));
    vi.resetModules();
    const { loadHdf5: loadAgain } = await import("../src/library.js");
    await expect(loadAgain()).rejects.toMatchObject({
      code: "HDF5_UNAVAILABLE",
      message: "the HDF5 library cannot be loaded: no memory.",
    });
    vi.doUnmock("h5wasm");
  });
});
