import type { RecordItem } from "@episcope/core";
import { describe, expect, it } from "vitest";
import { isMarkedStep, maskSecrets, pngSize, pointOf } from "../src/index.js";

function item(record: object, more: object = {}): RecordItem {
  const about = { position: 0, episode: 3, global_step: 40, key: false, similarity: null };
  const { type } = record as { readonly type: string };
  return { ...about, type, record: { seq: 0, time: 5, ...record }, ...more } as RecordItem;
}

const step = (more: object = {}): object => ({
  ...{
    type: "step",
    episode: "e",
    step: 4,
    action: { operation: 2 },
    after: { shape: [1, 1], data: Uint8Array.of(0) },
  },
  ...{ reward: 0.5, terminated: false, truncated: false, info: { metrics: { depth: 2 } }, ...more },
});

describe("the point of a record", () => {
  it("of a step stands over the steps of the run", () => {
    expect(pointOf(item(step(), { similarity: 0.25 }))).toMatchObject({
      ...{ axis: "step", step: 40, time: 5, scalars: { reward: 0.5, similarity: 0.25, "info/depth": 2 } },
    });
  });

  it("of an episode's end stands over episodes", () => {
    const totals = { steps: 4, reward: 2, final_similarity: null, best_similarity: 1 };
    expect(pointOf(item({ type: "episode-end", episode: "e", outcome: "success", totals }))).toMatchObject({
      ...{ axis: "episode", step: 3, texts: { "episode/outcome": "success" } },
      scalars: {
        "episode/success": 1,
        "episode/steps": 4,
        "episode/reward": 2,
        "episode/best_similarity": 1,
      },
    });
  });

  it("of metrics and batches stands over the producer's updates, and only true histograms are there", () => {
    const histograms = { good: { values: [1], bins: [0, 1] }, bad: { values: [1], bins: [0] } };
    const metrics = item({ type: "metrics", step: 9, values: { loss: Number.NaN }, histograms });
    expect(pointOf(metrics)).toMatchObject({ axis: "update", step: 9, scalars: { loss: Number.NaN } });
    expect(Object.keys(pointOf(metrics)!.histograms)).toEqual(["good"]);
    const batch = pointOf(
      item({ type: "batch", step: 9, arrays: { a: [1, 3, Number.NaN], none: [Number.NaN] } }),
    )!;
    expect(batch.scalars).toEqual({ "batch/a": 2, "batch/a_nonfinite": 1, "batch/none_nonfinite": 1 });
    expect(batch.histograms["batch/a"]!.values.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it("is none for what has no numbers", () => {
    expect(pointOf(item({ type: "run-start", meta: {} }))).toBeNull();
  });
});

it("first, last, submit and key steps are marked", () => {
  expect(isMarkedStep(item(step()))).toBe(false);
  expect(
    [{ step: 0 }, { terminated: true }, { truncated: true }, { action: { operation: 34 } }].map((more) =>
      isMarkedStep(item(step(more))),
    ),
  ).toEqual([true, true, true, true]);
  expect(isMarkedStep(item(step(), { key: true }))).toBe(true);
});

it("secrets are masked by their names, at any depth, and nothing else is", () => {
  const config = {
    api_key: "a",
    nested: [{ "hub-token": "b", tokens: 5, password: "" }],
    TOKEN: "c",
    key: "d",
  };
  expect(maskSecrets(config)).toEqual({
    ...{
      api_key: "(masked)",
      nested: [{ "hub-token": "(masked)", tokens: 5, password: "" }],
      TOKEN: "(masked)",
      key: "d",
    },
  });
});

it("the size of a PNG file stands in its head", () => {
  const head = Buffer.from("89504e470d0a1a0a0000000d49484452000000030000000208060000009d74661a", "hex");
  expect(pngSize(head)).toEqual([3, 2]);
  expect(pngSize(Buffer.from("GIF89a"))).toBeNull();
});
