import {
  COMPARISON_TYPES,
  type ComparisonType,
  type EpisodeSeries,
  type Grid,
  type KeyStep,
  type KeyStepReason,
  type Outcome,
  type PictureSettings,
  type StepView,
  type SummaryView,
} from "@episcope/records";
import { paintingEpisode } from "@episcope/records/testing";
import { play, settings } from "@episcope/testing/views";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  comparisonPicture,
  fitSize,
  metricsPicture,
  runPicture,
  stepPicture,
  summaryPicture,
  taskPicture,
} from "../src/index.js";
import { expectInside, expectSound } from "./scene-laws.js";

// What a picture must never do, for shapes, names and numbers that nobody tried: leave its page, put text over text,
// cut a value. Names are made of "q" and "ž", so a cut text without them is a value.

const side = fc.constantFrom(1, 2, 3, 4, 9, 10, 12, 20, 30, 31, 63, 64);
const grid: fc.Arbitrary<Grid> = fc
  .tuple(side, side, fc.integer({ min: 0, max: 15 }), fc.boolean())
  .map(([rows, columns, value, padded]) => {
    const data = Uint8Array.from({ length: rows * columns }, (_, index) => (value + index) % 16);
    if (!padded) return { shape: [rows, columns], data };
    return { shape: [rows, columns], data, mask: data.map((cell) => (cell % 5 === 1 ? 0 : 1)) };
  });
const name = fc.oneof(
  fc.string({ unit: fc.constantFrom("q", "ž"), minLength: 1, maxLength: 12 }),
  fc.integer({ min: 100, max: 400 }).map((length) => "qž".repeat(length)),
);
const number = fc.oneof(
  fc.constantFrom(0, 1, -0.01, 10.8, 1e300, -1e-12, Number.NaN, Number.POSITIVE_INFINITY, -123456.789),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const metrics = fc.dictionary(name, number, { maxKeys: 8 });
const pictureSettings: fc.Arbitrary<PictureSettings> = fc.record({
  color_scheme: fc.constantFrom("default", "arcprize", "arc3", "colorblind", "high_contrast"),
  theme: fc.constantFrom("light", "dark"),
  image_quality: fc.constantFrom("low", "medium", "high"),
  show_coordinates: fc.boolean(),
  show_operation_names: fc.boolean(),
  highlight_changes: fc.boolean(),
  include_metrics: fc.boolean(),
});
const reasons = fc.uniqueArray(
  fc.constantFrom<KeyStepReason[]>(
    "first",
    "last",
    "submit",
    "similarity_jump",
    "similarity_drop",
    "new_best",
    "first_success",
    "resize",
    "reward_outlier",
  ),
);

const painted = play(paintingEpisode());

const stepView: fc.Arbitrary<StepView> = fc
  .record({
    before: grid,
    after: grid,
    target: fc.option(grid),
    selected: fc.boolean(),
    step: fc.nat({ max: 999_999 }),
    number: fc.integer({ min: 1, max: 99_999 }),
    task: name,
    operation: name,
    error: fc.option(name),
    reward: number,
    similarity: share,
    reasons,
    metrics,
  })
  .map(({ before, after, target, selected, step, number: episode, task, operation, error, ...rest }) => ({
    ...(painted.steps[0] as StepView),
    episode: { ...painted.summary.episode, number: episode, task_id: task, target },
    before,
    after,
    selection: selected ? before.data.map((value) => value % 2) : null,
    action: {
      operation: 3,
      name: operation,
      ...(selected ? { selection: { kind: "bbox", bbox: [10, 10, 63, 63] } as const } : {}),
    },
    step,
    reward: rest.reward,
    reward_change: rest.reward,
    reward_total: rest.reward,
    similarity: target === null ? null : rest.similarity,
    best_similarity: target === null ? null : 1,
    similarity_change: -rest.similarity,
    efficiency: rest.similarity,
    reasons: rest.reasons,
    info: { metrics: rest.metrics, ...(error === null ? {} : { error }) },
  }));

const series = fc.record({
  task_id: name,
  label: name,
  outcome: fc.constantFrom<Outcome[]>("success", "failure", "truncated", "aborted", "crashed"),
  rewards: fc.array(number, { maxLength: 200 }),
  similarity: share,
});

const episodeSeries: fc.Arbitrary<EpisodeSeries> = series.map(({ rewards, similarity, ...head }) => ({
  ...head,
  totals: {
    steps: rewards.length,
    reward: rewards.reduce((sum, value) => sum + value, 0),
    final_similarity: similarity,
    best_similarity: similarity,
  },
  rewards: Float64Array.from(rewards),
  similarities: Float64Array.from(rewards, (_, step) => (similarity * (step + 1)) / rewards.length),
}));

const summaryView: fc.Arbitrary<SummaryView> = fc
  .record({
    episode: episodeSeries,
    initial: grid,
    final: grid,
    target: fc.option(grid),
    keys: fc.array(fc.record({ after: grid, reasons, name }), { maxLength: 30 }),
    idle: fc.nat({ max: 5000 }),
  })
  .map(({ episode, initial, final, target, keys, idle }) => ({
    kind: "summary",
    episode: { ...painted.summary.episode, task_id: episode.task_id, initial, target },
    outcome: episode.outcome,
    totals: { ...episode.totals, steps: episode.totals.steps + (idle % 2), best_similarity: 0.1 },
    final,
    rewards: episode.rewards,
    similarities:
      target === null ? new Float64Array(episode.rewards.length).fill(Number.NaN) : episode.similarities,
    initial_similarity: target === null ? null : 0.25,
    key_steps: keys.slice(0, episode.rewards.length).map(
      ({ after, reasons: why, name: operation }, step): KeyStep => ({
        step,
        reasons: why,
        action: { operation: 3, name: operation },
        after,
        reward: 0,
        similarity: target === null ? null : 0.5,
      }),
    ),
    key_step_count: keys.length + 1000,
    unchanged_steps: idle,
    failed_steps: idle,
  }));

describe("nothing leaves the page, no text lies over another, no value is cut", () => {
  const check = (scene: Parameters<typeof expectSound>[0]): void => {
    expectSound(scene);
    expectInside(scene);
  };
  const runs = { numRuns: 40 };

  it("in pictures of steps", () => {
    fc.assert(
      fc.property(stepView, pictureSettings, (view, how) => check(stepPicture(view, how))),
      { numRuns: 80 },
    );
  });

  it("in pictures of steps for a width", () => {
    const width = fc.integer({ min: 700, max: 1600 });
    fc.assert(
      fc.property(stepView, pictureSettings, width, (view, how, wide) =>
        check(stepPicture(view, how, { width: wide })),
      ),
      runs,
    );
  });

  it("in summaries", () => {
    fc.assert(
      fc.property(summaryView, pictureSettings, (view, how) => check(summaryPicture(view, how))),
      { numRuns: 60 },
    );
  });

  it("in comparisons", () => {
    const type = fc.constantFrom<ComparisonType[]>("reward_progression", "similarity", "performance");
    fc.assert(
      fc.property(
        type,
        fc.array(episodeSeries, { maxLength: 12 }),
        pictureSettings,
        (comparison, episodes, how) =>
          check(comparisonPicture({ kind: "comparison", comparison, episodes }, how)),
      ),
      runs,
    );
  });

  it("in overviews of runs", () => {
    const episodes = fc.array(fc.tuple(episodeSeries, grid, fc.option(grid)), { maxLength: 9 });
    fc.assert(
      fc.property(name, episodes, pictureSettings, (run, all, how) => {
        const numbered = all.map(([episode, final, target], index) => ({
          ...episode,
          number: index + 1,
          final,
          target,
        }));
        check(runPicture({ kind: "run", run, episodes: numbered }, how));
      }),
      runs,
    );
  });

  it("in overviews of tasks", () => {
    const pairs = fc.array(fc.record({ input: grid, output: fc.option(grid) }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(name, pairs, pairs, pictureSettings, (task_id, train, test, how) =>
        check(taskPicture({ kind: "task", task_id, train, test }, how)),
      ),
      runs,
    );
  });

  it("in pictures of metrics", () => {
    const curves = fc.array(fc.record({ name, values: fc.array(number, { maxLength: 80 }) }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(curves, name, (all, run) => {
        const drawn = all.map(({ name: title, values }) => ({
          name: title,
          steps: Float64Array.from(values, (_, index) => index * 1000),
          values: Float64Array.from(values),
        }));
        check(metricsPicture({ kind: "metrics", run, curves: drawn, histograms: [] }, settings()));
      }),
      runs,
    );
  });

  const narrow = fc.record({
    layout: fc.constantFrom("compact", "figure"),
    width: fc.integer({ min: 360, max: 820 }),
  });
  const laidOut = fc
    .tuple(pictureSettings, narrow)
    .map(([how, layout]): PictureSettings => ({ ...how, ...layout }));
  const checkNarrow = (
    scene: Parameters<typeof expectSound>[0],
    { layout, width }: PictureSettings,
  ): void => {
    expectSound(scene);
    expectInside(scene, layout === "figure" ? 4 : 12);
    expect(scene.width).toBeLessThanOrEqual(width as number);
  };

  it("in compact pictures and figures of steps", () => {
    fc.assert(
      fc.property(stepView, laidOut, (view, how) => checkNarrow(stepPicture(view, how), how)),
      { numRuns: 80 },
    );
  });

  it("in compact pictures and figures of episodes, runs, tasks and comparisons", () => {
    const pair = fc.record({ input: grid, output: fc.option(grid) });
    const pairs = fc.array(pair, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        summaryView,
        fc.array(episodeSeries, { maxLength: 9 }),
        pairs,
        grid,
        laidOut,
        (summary, all, train, final, how) => {
          checkNarrow(summaryPicture(summary, how), how);
          checkNarrow(taskPicture({ kind: "task", task_id: "qžq", train, test: train }, how), how);
          for (const comparison of COMPARISON_TYPES)
            checkNarrow(comparisonPicture({ kind: "comparison", comparison, episodes: all }, how), how);
          const episodes = all.map((episode, index) => ({
            ...episode,
            number: index + 1,
            final,
            target: final,
          }));
          checkNarrow(runPicture({ kind: "run", run: "qž", episodes }, how), how);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("in strips of many episodes", () => {
    const type = fc.constantFrom<ComparisonType[]>("reward_progression", "similarity");
    const many = fc.array(episodeSeries, { minLength: 31, maxLength: 90 });
    fc.assert(
      fc.property(type, many, laidOut, (comparison, episodes, how) => {
        checkNarrow(comparisonPicture({ kind: "comparison", comparison, episodes }, how), how);
        check(comparisonPicture({ kind: "comparison", comparison, episodes }, settings()));
      }),
      { numRuns: 10 },
    );
  });

  it("in pictures that are fitted into a size, which are never larger", () => {
    const size = fc.record({
      width: fc.constantFrom(320, 400, 480, 640, 800, 1024),
      height: fc.constantFrom(200, 300, 600, 768),
    });
    fc.assert(
      fc.property(
        stepView,
        summaryView,
        pictureSettings,
        size,
        fc.boolean(),
        (step, summary, how, wanted, sharp) => {
          const { settings: fitted, scale } = fitSize({ ...how, show_coordinates: false }, wanted, sharp);
          for (const scene of [stepPicture(step, fitted), summaryPicture(summary, fitted)]) {
            expectSound(scene);
            expect(scene.width * scale).toBeLessThanOrEqual(wanted.width);
            expect(scene.height * scale).toBeLessThanOrEqual(wanted.height);
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});
