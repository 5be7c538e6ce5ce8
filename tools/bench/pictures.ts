// Pictures of steps: the fast path to PNG against resvg, and the size and speed of SVG, on real ARC grids.
//   npm run bench -- pictures
import * as fs from "node:fs";
import { existsSync } from "node:fs";
import { loadTasks } from "@episcope/arc-env";
import { FONT, type GridItem, type Scene, stepPicture } from "@episcope/drawing";
import { PictureRaster } from "@episcope/plugin-png";
import { SvgWriter } from "@episcope/plugin-svg";
import {
  DEFAULT_PICTURE_SETTINGS,
  type Grid,
  gridSimilarity,
  type StepView,
  selectionMask,
} from "@episcope/records";
import { randomNumbers } from "@episcope/records/testing";
import { Resvg } from "@resvg/resvg-js";
import { FONT_FILES } from "../font-files.js";
import { type Bar, measure, median, ratio, report } from "./harness.js";
import { naiveGrids, naiveSvg } from "./pictures/naive-svg.js";

const STEPS = 48;
const directory = ["../shared/reference/arc-tasks/training", "packages/arc-env/tasks"].find((path) =>
  existsSync(path),
);
if (directory === undefined) throw new Error("No ARC tasks found: run from the repository root.");

const next = randomNumbers(3);
const random = (limit: number): number => Math.floor(next() * limit);

interface Pair {
  readonly taskId: string;
  readonly input: Grid;
  readonly output: Grid;
}

/** A step on the way from input to output: a few cells of one row are painted. All figures change from step to step. */
function stepOf({ taskId, input, output }: Pair, step: number): StepView {
  const data = input.data.slice();
  const [rows, columns] = input.shape;
  const row = random(rows);
  const column = random(columns);
  const color = random(10);
  const last = Math.min(columns - 1, column + random(6));
  const mask = selectionMask({ kind: "bbox", bbox: [row, column, row, last] }, input.shape);
  for (let i = 0; i < data.length; i++) if (mask[i] === 1) data[i] = color;
  const after: Grid = { shape: input.shape, data };
  const similarity = gridSimilarity(after, output);
  const share = () => random(10_000) / 10_000;
  return {
    kind: "step",
    episode: {
      number: 1 + (step >> 4),
      task_id: taskId,
      pair_index: 0,
      mode: "train",
      initial: input,
      input,
      target: output,
    },
    step,
    before: input,
    after,
    action: { operation: color, selection: { kind: "bbox", bbox: [row, column, row, last] } },
    selection: mask,
    reward: share() - 0.5,
    reward_change: share() - 0.5,
    reward_total: 10 * share(),
    similarity,
    similarity_change: share() / 10,
    best_similarity: Math.min(1, similarity + share() / 10),
    efficiency: share() / 20,
    terminated: false,
    truncated: false,
    info: { metrics: { entropy: 2 * share(), value: share() } },
    reasons: step % 5 === 0 ? ["new_best"] : [],
  };
}

const pairs: Pair[] = loadTasks(directory, fs).flatMap((task) =>
  task.train.flatMap(({ input, output }) => (output === null ? [] : [{ taskId: task.id, input, output }])),
);
const areaOf = ({ input, output }: Pair) => Math.min(input.data.length, output.data.length);
const large = pairs.filter((pair) => areaOf(pair) >= 400);

/** Two grids of 30x30 and nothing else. */
function twoGrids(cells: () => number, of?: readonly [Grid, Grid]): Scene {
  const base = stepPicture(stepOf(pairs[0]!, 0), DEFAULT_PICTURE_SETTINGS);
  const items = [0, 1].map((side): GridItem => {
    const data = new Uint8Array(900);
    const grid = of?.[side];
    for (let i = 0; i < 900; i++) {
      const [row, column] = [Math.floor(i / 30), i % 30];
      if (grid === undefined) data[i] = cells();
      else if (row < grid.shape[0] && column < grid.shape[1])
        data[i] = grid.data[row * grid.shape[1] + column]!;
    }
    return {
      kind: "grid",
      shape: [30, 30],
      x: 10 + 500 * side,
      y: 50,
      cell: 16,
      data,
      lines: true,
      digits: null,
      label: "",
    };
  });
  return { ...base, width: 1000, height: 560, items };
}

const raster = new PictureRaster();
const writer = new SvgWriter();
const font = {
  loadSystemFonts: false,
  fontFiles: [FONT_FILES.regular, FONT_FILES.bold],
  defaultFontFamily: FONT.family,
};
const settings = { ...DEFAULT_PICTURE_SETTINGS, image_quality: "low" } as const;
const bars: Bar[] = [];

for (const [name, source] of [
  ["real steps, true sizes", pairs],
  ["real steps, grids of 400 cells and more", large.length > 0 ? large : pairs],
] as const) {
  // More steps than a round draws, so that figures and letters change as in a run.
  const scenes = Array.from({ length: 1024 }, (_, step) =>
    stepPicture(stepOf(source[random(source.length)]!, step), settings),
  );
  const naive = scenes.slice(0, STEPS).map(naiveSvg);
  const merged = scenes.slice(0, STEPS).map((scene) => writer.write(scene));
  // The atlas fills up in the first pictures of a process; what is measured is a run.
  for (const scene of scenes) raster.drawScene(scene, 1);
  let [at, naiveAt, mergedAt] = [0, 0, 0];
  const measurement = await measure(
    {
      fast: (count) => {
        for (let i = 0; i < count; i++) raster.drawScene(scenes[at++ % scenes.length]!, 1);
      },
      naive: (count) => {
        for (let i = 0; i < count; i++) new Resvg(naive[naiveAt++ % STEPS]!, { font }).render().asPng();
      },
      merged: (count) => {
        for (let i = 0; i < count; i++)
          new Resvg(Buffer.from(merged[mergedAt++ % STEPS]!), { font }).render().asPng();
      },
    },
    { milliseconds: 250, clock: "processor" },
  );
  const files = scenes.slice(0, STEPS).map((scene) => raster.drawScene(scene, 1).length);
  const [width, height] = [
    median(scenes.map((scene) => scene.width)),
    median(scenes.map((scene) => scene.height)),
  ];
  const letters = median(
    scenes.map(({ items }) =>
      items.reduce((sum, item) => sum + (item.kind === "text" ? item.text.length : 0), 0),
    ),
  );
  console.log(
    `${name}: ${width}x${height}, ${letters} letters; fast ${millis(measurement["fast"]!)}, resvg on our SVG ${millis(measurement["merged"]!)}, resvg on the naive SVG ${millis(measurement["naive"]!)}`,
  );
  bars.push(
    {
      what: `PNG, ${name}: frames/s against resvg on the naive SVG`,
      value: ratio(measurement, "naive", "fast"),
      unit: "x",
      goal: 50,
      gate: 25,
      good: "above",
    },
    {
      what: `PNG, ${name}: bytes for 1000x560 pixels`,
      value: median(files.map((bytes, i) => (bytes * 560_000) / (scenes[i]!.width * scenes[i]!.height))),
      unit: "B",
      goal: 6000,
      gate: 7800,
      good: "below",
    },
  );
}

const real = Array.from({ length: STEPS }, (_, i) => {
  const { input, output } = (large.length > 0 ? large : pairs)[
    i % (large.length > 0 ? large : pairs).length
  ]!;
  return twoGrids(() => 0, [input, output]);
});
const noise = Array.from({ length: STEPS }, () => twoGrids(() => random(10)));
const svg = await measure({
  ours: (count) => {
    for (let i = 0; i < count; i++) writer.write(real[i % STEPS]!);
  },
  naive: (count) => {
    for (let i = 0; i < count; i++) naiveGrids(real[i % STEPS]!);
  },
});
bars.push(
  {
    what: "SVG, two grids of 30x30 on real tasks: bytes",
    value: median(real.map((scene) => writer.write(scene).length)),
    unit: "B",
    goal: 6000,
    gate: 7800,
    good: "below",
  },
  {
    what: "SVG, two random grids of 30x30: bytes",
    value: median(noise.map((scene) => writer.write(scene).length)),
    unit: "B",
    goal: 22_000,
    gate: 22_000,
    good: "below",
  },
  {
    what: "SVG, two grids of 30x30: time against one rect for each cell",
    value: ratio(svg, "ours", "naive"),
    unit: "x",
    goal: 1 / 8,
    gate: 1 / 4,
    good: "below",
  },
);
process.exitCode = report(bars) ? 0 : 1;

function millis(values: readonly number[]): string {
  return `${(median(values) / 1e6).toPrecision(3)} ms`;
}
