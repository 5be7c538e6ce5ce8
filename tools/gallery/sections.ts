import { drawView, fitSize, thumbnailPicture } from "@episcope/drawing";
import { SvgWriter } from "@episcope/plugin-svg/write";
import {
  type ComparisonType,
  DEFAULT_PICTURE_SETTINGS,
  type MetricsView,
  type PictureSettings,
  type RunView,
  type StepView,
  type TaskView,
  type View,
} from "@episcope/records";
import type { Picture, Section } from "./page.js";
import { type GalleryEpisode, type Material, seriesOf } from "./play.js";

const SCHEMES = ["default", "arcprize", "arc3", "colorblind", "high_contrast"] as const;

const writer = new SvgWriter();

function picture(caption: string, view: View, changes: Partial<PictureSettings> = {}): Picture {
  const scene = drawView(view, { ...DEFAULT_PICTURE_SETTINGS, ...changes });
  const svg = new TextDecoder().decode(writer.write(scene));
  return {
    caption: `${caption} · ${scene.width}×${scene.height}, ${(svg.length / 1000).toFixed(1)} kB`,
    svg,
  };
}

/** For a panel or a phone, as a figure of one column and of two, and on a dark ground. */
function inLayouts(name: string, view: View): Picture[] {
  return [
    picture(`${name}, compact`, view, { layout: "compact" }),
    picture(`${name}, compact, dark`, view, { layout: "compact", theme: "dark" }),
    picture(
      `${name}, for a panel of W&B`,
      view,
      fitSize(DEFAULT_PICTURE_SETTINGS, { width: 800, height: 600 }, false).settings,
    ),
    picture(`${name}, figure of 84 mm`, view, { layout: "figure" }),
    picture(`${name}, figure of 170 mm`, view, { layout: "figure", width_mm: 170 }),
    picture(`${name}, dark`, view, { theme: "dark" }),
  ];
}

/** 899 right cells of 900, and all colours: the mark of the wrong one is found at every size of a cell. */
function wrongCell(): Picture[] {
  return SCHEMES.flatMap((color_scheme) =>
    [6, 16, 30].map((side) => {
      const target = {
        shape: [side, side] as const,
        data: Uint8Array.from({ length: side * side }, (_, i) => (i * 7 + (i >> 4)) % 10),
      };
      const after = {
        ...target,
        data: target.data.map((value, i) => (i === side * 3 + 2 ? (value + 1) % 10 : value)),
      };
      const scene = thumbnailPicture(after, target, "one wrong cell", 300, {
        ...DEFAULT_PICTURE_SETTINGS,
        color_scheme,
      });
      return {
        caption: `one wrong cell of ${side * side}, ${color_scheme}`,
        svg: new TextDecoder().decode(writer.write(scene)),
      };
    }),
  );
}

function inSchemes(name: string, view: View, changes: Partial<PictureSettings> = {}): Picture[] {
  return SCHEMES.map((color_scheme) =>
    picture(`${name}, ${color_scheme}`, view, { ...changes, color_scheme }),
  );
}

export function sections({ tasks, searched, random }: Material): Section[] {
  const steps = [...searched, ...random].flatMap(({ steps: all }) => all);
  const small = steps[0] as StepView;
  const large = largestStep(steps);
  const middle = steps.find(isPlain) ?? large;
  const resize = steps.find(({ reasons }) => reasons.includes("resize"));
  const submit = steps.find(({ reasons }) => reasons.includes("submit"));
  const long = longest(random);
  const run: RunView = {
    kind: "run",
    run: "run_20260102_030405",
    episodes: searched.map((episode) => ({
      ...seriesOf(episode),
      number: episode.summary.episode.number,
      final: episode.summary.final,
      target: episode.summary.episode.target,
    })),
  };
  const one: GalleryEpisode = random[0] as GalleryEpisode;
  const solved = searched.find(({ summary }) => summary.outcome === "success") ?? one;
  const failed = searched.find(({ summary }) => summary.outcome !== "success") ?? one;
  return [
    {
      title: "Steps",
      pictures: [small, middle, large].flatMap((view) => inSchemes(`step ${view.step}`, view)),
    },
    {
      title: "Special steps",
      pictures: [
        ...(resize ? inSchemes("resize", resize, { show_coordinates: true }) : []),
        ...(submit ? [picture("submit", submit)] : []),
        picture("target hidden", {
          ...middle,
          episode: { ...middle.episode, target: null },
          similarity: null,
        }),
      ],
    },
    { title: "Settings", pictures: settingsOf(middle) },
    {
      title: "Summaries",
      pictures: [
        ...inSchemes("solved", solved.summary),
        ...inSchemes("not solved", failed.summary, { show_coordinates: true }),
        ...inSchemes("long", long.summary),
        picture("one step", oneStep(one)),
        picture("no step", noStep(one)),
      ],
    },
    {
      title: "Tasks",
      pictures: [tasks[0], tasks[Math.floor(tasks.length / 2)], tasks.at(-1)].flatMap((task) =>
        task ? inSchemes(task.id, taskView(task)) : [],
      ),
    },
    {
      title: "Comparisons",
      pictures: (["reward_progression", "similarity", "performance"] satisfies ComparisonType[]).flatMap(
        (comparison) => [
          picture(`${comparison}, few`, {
            kind: "comparison",
            comparison,
            episodes: searched.slice(0, 4).map(seriesOf),
          }),
          ...inSchemes(`${comparison}, many`, {
            kind: "comparison",
            comparison,
            episodes: random.slice(0, 40).map(seriesOf),
          }),
        ],
      ),
    },
    {
      title: "Layouts of steps",
      pictures: [middle, large].flatMap((view) => inLayouts(`step ${view.step}`, view)),
    },
    {
      title: "Layouts of summaries",
      pictures: [failed, long].flatMap(({ summary }) => inLayouts("summary", summary)),
    },
    {
      title: "Layouts of others",
      pictures: [
        ...inLayouts("task", taskView(tasks[Math.floor(tasks.length / 2)] as Material["tasks"][number])),
        ...inLayouts("comparison", {
          kind: "comparison",
          comparison: "similarity",
          episodes: searched.slice(0, 4).map(seriesOf),
        }),
        ...inLayouts("performance", {
          kind: "comparison",
          comparison: "performance",
          episodes: searched.map(seriesOf),
        }),
        ...inLayouts("run", run),
        ...inLayouts("metrics", metricsOf(random)),
      ],
    },
    { title: "Wrong cells", pictures: wrongCell() },
    { title: "Run", pictures: inSchemes("run", run) },
    { title: "Metrics", pictures: inSchemes("metrics", metricsOf(random)) },
  ];
}

/** A step of middling size that selects some cells and paints them. */
function isPlain({ before, after, selection, action }: StepView): boolean {
  const selected = selection?.reduce((sum, cell) => sum + cell, 0) ?? 0;
  return (
    after.data.length > 60 &&
    before.data.length === after.data.length &&
    selected > 2 &&
    selected < after.data.length / 3 &&
    action.operation < 10
  );
}

function settingsOf(view: StepView): Picture[] {
  const changes: [string, Partial<PictureSettings>][] = [
    ["defaults", {}],
    ["show_coordinates", { show_coordinates: true }],
    ["show_operation_names off", { show_operation_names: false }],
    ["highlight_changes off", { highlight_changes: false }],
    ["include_metrics off", { include_metrics: false }],
    ["image_quality low", { image_quality: "low" }],
    ["image_quality medium", { image_quality: "medium" }],
  ];
  return changes.map(([name, change]) => picture(name, view, change));
}

function largestStep(steps: readonly StepView[]): StepView {
  return steps.reduce((best, view) => {
    const better = view.after.data.length > best.after.data.length && view.selection !== null;
    return better ? view : best;
  });
}

function longest(episodes: readonly GalleryEpisode[]): GalleryEpisode {
  return episodes.reduce((best, episode) => (episode.steps.length > best.steps.length ? episode : best));
}

function oneStep({ summary, steps }: GalleryEpisode): View {
  const first = steps[0] as StepView;
  return {
    ...summary,
    final: first.after,
    rewards: summary.rewards.slice(0, 1),
    similarities: summary.similarities.slice(0, 1),
    key_steps: summary.key_steps.slice(0, 1),
    totals: {
      steps: 1,
      reward: first.reward,
      final_similarity: first.similarity,
      best_similarity: first.best_similarity,
    },
  };
}

function noStep({ summary }: GalleryEpisode): View {
  return {
    ...summary,
    outcome: "crashed",
    final: summary.episode.initial,
    rewards: new Float64Array(),
    similarities: new Float64Array(),
    key_steps: [],
    totals: {
      steps: 0,
      reward: 0,
      final_similarity: summary.initial_similarity,
      best_similarity: summary.initial_similarity,
    },
  };
}

/** Tests without their outputs, as in an evaluation. */
function taskView({ id, train, test }: Material["tasks"][number]): TaskView {
  return { kind: "task", task_id: id, train, test: test.map(({ input }) => ({ input, output: null })) };
}

/** The episodes' own totals as curves over the run, and their rewards as histograms. */
function metricsOf(episodes: readonly GalleryEpisode[]): MetricsView {
  const steps = Float64Array.from(episodes, (_, index) => index);
  const bins = Array.from({ length: 21 }, (_, index) => -0.5 + index / 20);
  const curve = (name: string, value: (episode: GalleryEpisode) => number) => ({
    name,
    steps,
    values: Float64Array.from(episodes, value),
  });
  return {
    kind: "metrics",
    run: "run_20260102_030405",
    curves: [
      curve("episode/reward", ({ summary }) => summary.totals.reward),
      curve("episode/final_similarity", ({ summary }) => summary.totals.final_similarity ?? Number.NaN),
      curve("episode/steps", ({ summary }) => summary.totals.steps),
    ],
    histograms: episodes.map(({ summary }, step) => ({
      name: "rewards",
      step,
      histogram: {
        bins,
        values: bins.slice(1).map((upper, bin) => {
          const lower = bins[bin] as number;
          return summary.rewards.filter((reward) => reward >= lower && reward < upper).length;
        }),
      },
    })),
  };
}
