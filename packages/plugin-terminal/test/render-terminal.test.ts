import { readFileSync } from "node:fs";
import { textColumns } from "@episcope/drawing";
import type { EpisodeView, StepView, SummaryView, TaskView, View } from "@episcope/records";
import { episodeView, stepView } from "@episcope/testing/invented-steps";
import { parseKept } from "@episcope/testing/kept-json";
import { describe, expect, it } from "vitest";
import {
  type ColorDepth,
  detectColors,
  detectTheme,
  renderTerminal,
  type TerminalOptions,
} from "../src/index.js";

const DEPTHS: readonly ColorDepth[] = ["none", "16", "256", "truecolor"];
const plain = (text: string) => text.replace(/\u001b\[[0-9;]*m/g, "");
const widest = (text: string) => Math.max(...plain(text).split("\n").map(textColumns));

/** What the golden files show: kept as a file, so that a golden file changes with the drawing alone. */
const kept = parseKept<{
  readonly step: StepView;
  readonly "step-30x30": StepView;
  readonly summary: SummaryView;
  readonly episode: EpisodeView;
  readonly task: TaskView;
}>(readFileSync(new URL("golden/views.json", import.meta.url), "utf8"));
const { summary, task } = kept;

const metrics: View = {
  kind: "metrics",
  run: "run_1",
  curves: [{ name: "loss", steps: Float64Array.of(0, 1, 2), values: Float64Array.of(3, 1, Number.NaN) }],
  histograms: [{ name: "weights", step: 2, histogram: { values: [1, 5, 2], bins: [-1, 0, 1, 2] } }],
};
const series = {
  ...summary,
  label: "episode 1",
  task_id: "007bbfb7",
  number: 1,
  target: summary.episode.target,
};
const VIEWS: { readonly [name: string]: View } = {
  ...kept,
  comparison: { kind: "comparison", comparison: "similarity", episodes: [series, series] },
  run: { kind: "run", run: "run_1", episodes: [series] },
  metrics,
};

describe("a view in a terminal", () => {
  for (const [name, view] of Object.entries(VIEWS)) {
    for (const colors of ["none", "truecolor"] as const) {
      it(`looks like its golden file: ${name}, ${colors}`, async () => {
        const text = renderTerminal(view, { columns: 80, colors });
        await expect(text).toMatchFileSnapshot(`golden/${name}.${colors}.ans`);
      });
    }
  }

  it("is never wider than the terminal", () => {
    for (const view of Object.values(VIEWS))
      for (const colors of DEPTHS)
        for (const columns of [20, 40, 80, 132])
          expect(widest(renderTerminal(view, { columns, colors }))).toBeLessThanOrEqual(columns);
  });

  it("points at the rows and columns of marked cells where a cell has no room for a mark", () => {
    const text = plain(renderTerminal(kept["step-30x30"], { columns: 80, colors: "truecolor" }));
    expect(text).toContain("◂");
    expect(text).toContain("▴");
  });

  it("says the value of each cell where the terminal has but sixteen colours", () => {
    const [, ...lines] = plain(renderTerminal(task, { columns: 80, colors: "16" })).split("\n");
    expect(lines.some((line) => /^[0-9A-F] [0-9A-F] /.test(line))).toBe(true);
  });

  it("writes for a dark ground unless the environment names a light one", () => {
    const of = (theme: "light" | "dark") =>
      renderTerminal(kept.step, { columns: 80, colors: "truecolor", theme });
    expect(renderTerminal(kept.step, { columns: 80, colors: "truecolor" })).toBe(of("dark"));
    expect(of("light")).not.toBe(of("dark"));
    expect(detectTheme({ COLORFGBG: "0;15" })).toBe("light");
    expect(detectTheme({ COLORFGBG: "15;0" })).toBe("dark");
    expect(detectTheme({})).toBe("dark");
  });

  it.each(["none", "16", "truecolor"] as const)(
    "fits 80x24 with the largest grids, %s, and says what it crops",
    (colors) => {
      for (const size of [30, 64]) {
        const view = stepView({ rows: size, columns: size, noise: true });
        const text = plain(renderTerminal(view, { columns: 80, rows: 23, colors }));
        expect(text.split("\n").length - 1).toBeLessThanOrEqual(23);
        expect(text).toMatch(/Before, After, Target: only rows 0-\d+, columns 0-\d+/);
      }
    },
  );

  it("crops to the cells that changed, and a grid of another size to where it has some", () => {
    const view = stepView({
      rows: 64,
      columns: 64,
      action: { operation: 3, selection: { kind: "bbox", bbox: [50, 40, 52, 44] } },
      target: { shape: [40, 3], data: new Uint8Array(120) },
    });
    const text = plain(renderTerminal(view, { columns: 80, rows: 23, colors: "truecolor" }));
    const [, top, bottom, left, right] = /Before, After: only rows (\d+)-(\d+), columns (\d+)-(\d+)/
      .exec(text)!
      .map(Number);
    expect([top! <= 48, bottom! >= 54, left! <= 38, right! >= 46]).toEqual([true, true, true, true]);
    expect(text).toMatch(/Target: only rows \d+-39, columns 0-2/);
    expect(text).toContain("<><><><><>");
  });

  it("leaves a summary its grids in a low terminal, and says how many key steps it leaves out", () => {
    const view = episodeView(40, { rows: 30, columns: 30 }).summary;
    const long = { ...view, key_steps: Array.from({ length: 18 }, () => view.key_steps[0]!) };
    const whole = plain(renderTerminal(long, { columns: 80, colors: "truecolor" }));
    const low = plain(renderTerminal(long, { columns: 80, rows: 23, colors: "truecolor" }));
    expect(whole).not.toMatch(/and \d+ more|only rows/);
    expect(low.split("\n").length - 1).toBeLessThanOrEqual(23);
    expect(low).toMatch(/and \d+ more\n/);
    expect(low).toMatch(/Final, Target: only rows/);
  });

  it("shows before, after and target side by side where they fit, else below each other", () => {
    const at = (options: TerminalOptions) =>
      plain(renderTerminal(stepView({ rows: 10, columns: 10 }), options))
        .split("\n")
        .filter((line) => /Before|After|Target/.test(line));
    expect(at({ columns: 80, colors: "truecolor" })).toHaveLength(1);
    expect(at({ columns: 30, colors: "truecolor" })).toHaveLength(2);
    expect(at({ columns: 20, colors: "truecolor" })).toHaveLength(3);
  });

  it("fits 30x30 into 80 columns with half blocks: each line shows two rows of cells", () => {
    const text = plain(renderTerminal(stepView({ rows: 30, columns: 30 }), { columns: 80, colors: "256" }));
    const blocks = text.split("\n").filter((line) => line.includes("▀"));
    expect(blocks).toHaveLength(30);
    expect(blocks[0]).toMatch(/^▀{30}( ◂| {2}) {2}▀{30}( ◂)?$/);
  });

  it("draws the colour of each cell", () => {
    const grid = { shape: [1, 2] as const, data: Uint8Array.of(1, 3) };
    const view: View = { kind: "task", task_id: "t", train: [{ input: grid, output: null }], test: [] };
    const last = (colors: ColorDepth) => renderTerminal(view, { columns: 80, colors });
    expect(last("truecolor")).toContain("\u001b[48;2;0;116;217;39m  \u001b[48;2;46;204;64;39m  ");
    expect(last("256")).toMatch(/\u001b\[48;5;\d+;39m {2}\u001b\[48;5;\d+;39m {2}/);
    expect(last("16")).toMatch(/\u001b\[44;\d+m1 \u001b\[42;\d+m3 /);
    expect(last("none")).toContain("1 3");
  });

  it("keeps the cell values apart in every depth and scheme", () => {
    const grid = { shape: [1, 10] as const, data: Uint8Array.from({ length: 10 }, (_, i) => i) };
    const view: View = { kind: "task", task_id: "t", train: [{ input: grid, output: null }], test: [] };
    for (const colors of ["16", "256", "truecolor"] as const)
      for (const scheme of ["default", "colorblind", "high_contrast"] as const) {
        const line = renderTerminal(view, { columns: 80, colors, scheme }).split("\n").at(-3)!;
        const grounds = line.match(/\u001b\[(48;[0-9;]+|4[0-7]|10[0-7]);(39|3[0-7]|9[0-7])m/g)!;
        expect(new Set(grounds).size).toBe(10);
      }
  });

  it("has the sixteen colours of ARC-AGI-3 for its recordings, different in every depth, white for 0 and black for 5", () => {
    const grid = { shape: [1, 16] as const, data: Uint8Array.from({ length: 16 }, (_, i) => i) };
    const pair = { input: grid, output: null };
    const view: View = { kind: "task", task_id: "t", dataset: "ARC-AGI-3", train: [pair], test: [] };
    for (const colors of ["16", "256", "truecolor"] as const) {
      const line = renderTerminal(view, { columns: 80, colors }).split("\n").at(-3)!;
      const grounds = line.match(/\u001b\[(48;[0-9;]+|4[0-7]|10[0-7]);(39|3[0-7]|9[0-7])m/g)!;
      expect(new Set(grounds).size, colors).toBe(16);
      const [white, black] = {
        16: ["107", "40"],
        256: ["48;5;231", "48;5;16"],
        truecolor: ["48;2;255;255;255", "48;2;0;0;0"],
      }[colors];
      expect(grounds[0]).toContain(`[${white};`);
      expect(grounds[5]).toContain(`[${black};`);
    }
  });

  it("marks selected and changed cells, and those that the target still asks for", () => {
    const text = renderTerminal(stepView({ rows: 5, columns: 8 }), { columns: 80, colors: "none" });
    expect(text).toMatch(/[0-9]\*[0-9]\*/);
    expect(text).toMatch(/6 cells in 2,1\s/);
    expect(plain(renderTerminal(stepView({ rows: 5, columns: 8 }), { columns: 80, colors: "16" }))).toContain(
      "[][]",
    );
  });

  it("has no escape sequence without colours", () => {
    for (const view of Object.values(VIEWS))
      expect(renderTerminal(view, { columns: 80, colors: "none" })).not.toContain("\u001b");
  });

  it("makes a step lower where the terminal has few lines", () => {
    const view = stepView({ rows: 20, columns: 12 });
    const lines = (rows?: number) =>
      renderTerminal(view, {
        columns: 80,
        colors: "truecolor",
        ...(rows === undefined ? {} : { rows }),
      }).split("\n").length;
    expect(lines(24)).toBeLessThan(lines());
    expect(lines(24)).toBeLessThanOrEqual(24);
  });

  it("shows an episode without steps", () => {
    expect(renderTerminal(episodeView(0), { columns: 80, colors: "none" })).toContain("0 steps");
  });
});

describe("recorded strings", () => {
  it("bring no sequence of their own to the terminal, whatever they hold (200 strings)", () => {
    const ours = /\u001b\[[0-9;]*m/g;
    const parts = [
      "\u001b[2J",
      "\u001b]0;title\u0007",
      "\u001b]52;c;aGk=\u0007",
      "\u009b31m",
      "\u0090q\u009c",
      "\u001bc",
      "\r",
      "\n",
      "\b",
      "\u0000",
      "\u007f",
      "\u0085",
      "\u2028",
      "\u202e",
      "\u2066",
      "\ufeff",
      "\ud800",
      "\udc00",
      "\u001b[31m",
      "<script>",
      "日本",
      "e\u0301",
      "👩‍🚀",
      "x".repeat(5000),
    ];
    for (let i = 0; i < 200; i++) {
      const hostile = Array.from(
        { length: 1 + (i % 5) },
        (_, k) => parts[(i * 7 + k * 11) % parts.length],
      ).join("a");
      const step = stepView({
        rows: 3,
        columns: 3,
        taskId: hostile,
        action: { operation: 99, name: hostile },
        metrics: { [hostile]: 1 },
      });
      const views: View[] = [
        step,
        { ...summary, episode: { ...summary.episode, task_id: hostile } },
        { kind: "run", run: hostile, episodes: [{ ...series, label: hostile, task_id: hostile }] },
        { ...metrics, run: hostile, curves: [{ ...metrics.curves[0]!, name: hostile }] },
        { ...task, task_id: hostile },
      ];
      for (const view of views)
        for (const colors of ["none", "truecolor"] as const) {
          const text = renderTerminal(view, { columns: 80, colors });
          expect(text.replace(ours, "").replaceAll("\n", "")).not.toMatch(
            /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u,
          );
          if (colors === "none") expect(text).not.toContain("\u001b");
          expect(widest(text)).toBeLessThanOrEqual(80);
        }
    }
  });
});

describe("detectColors", () => {
  const cases: readonly [{ readonly [name: string]: string }, boolean, ColorDepth][] = [
    [{ TERM: "xterm-256color", COLORTERM: "truecolor" }, true, "truecolor"],
    [{ TERM: "xterm-256color" }, true, "256"],
    [{ TERM: "xterm" }, true, "16"],
    [{ TERM: "dumb" }, true, "none"],
    [{ TERM: "xterm-256color" }, false, "none"],
    [{ TERM: "xterm-256color", COLORTERM: "truecolor", NO_COLOR: "1" }, true, "none"],
    [{ TERM: "xterm", NO_COLOR: "" }, true, "16"],
    [{ FORCE_COLOR: "3" }, false, "truecolor"],
    [{ FORCE_COLOR: "0", TERM: "xterm" }, true, "none"],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, "none"],
  ];
  for (const [environment, isTTY, depth] of cases) {
    it(`is ${depth} for ${JSON.stringify(environment)}${isTTY ? "" : ", not a terminal"}`, () => {
      expect(detectColors(environment, isTTY)).toBe(depth);
    });
  }
});
