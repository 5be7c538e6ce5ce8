import { formatPercent, formatShort, outcomeText, type Palette, ROLE } from "@episcope/drawing";
import type { ComparisonView, EpisodeSeries, MetricsView, RunView, TaskView } from "@episcope/records";
import type { Panel } from "./grid-block.js";
import type { Ink } from "./ink.js";
import { layPanels, type PanelSpace } from "./panels.js";
import { signed, sizeOf } from "./step-text.js";
import { curve } from "./summary-text.js";
import { clipped, padded, recorded, sparkline, widthOf } from "./text.js";

/** Train pairs, then tests; an output that is hidden is named so. */
export function taskText(view: TaskView, space: PanelSpace, ink: Ink, palette: Palette): string[] {
  const lines = [clipped(ink.bold(`Task ${recorded(view.task_id)}`), space.columns)];
  for (const [name, pairs] of [
    ["Train", view.train],
    ["Test", view.test],
  ] as const) {
    pairs.forEach(({ input, output }, i) => {
      const note = output === null ? "output hidden" : "";
      const panels: Panel[] = [{ title: `${name} ${i + 1}: input ${sizeOf(input)}`, note, grid: input }];
      if (output !== null) panels.push({ title: `output ${sizeOf(output)}`, note: "", grid: output });
      lines.push("", ...layPanels(panels, { columns: space.columns }, ink, palette));
    });
  }
  return lines;
}

/** Episodes below each other: a figure of each, and the curve that the comparison is about. */
export function comparisonText(view: ComparisonView, columns: number, ink: Ink): string[] {
  const title = {
    reward_progression: "Reward, step by step",
    similarity: "Similarity, step by step",
    performance: "Performance",
  }[view.comparison];
  if (view.episodes.length === 0) return [clipped(ink.bold(title), columns), "no episodes"];
  const values = (episode: EpisodeSeries) =>
    view.comparison === "reward_progression" ? episode.rewards : episode.similarities;
  return [clipped(ink.bold(title), columns), ...episodeTable(view.episodes, values, columns, ink)];
}

export function runText(view: RunView, columns: number, ink: Ink): string[] {
  const solved = view.episodes.filter(({ outcome }) => outcome === "success").length;
  const heading = `${ink.bold(`Run ${recorded(view.run)}`)}  ${view.episodes.length} ${view.episodes.length === 1 ? "episode" : "episodes"}  ${solved} solved`;
  return [
    clipped(heading, columns),
    ...episodeTable(view.episodes, ({ similarities }) => similarities, columns, ink),
  ];
}

export function metricsText(view: MetricsView, columns: number, ink: Ink): string[] {
  return [
    clipped(ink.bold(`Metrics of run ${recorded(view.run)}`), columns),
    ...view.curves.map(({ name, values }) => curve(recorded(name), values, ROLE.accent, columns, ink)),
    ...view.histograms.map(({ name, step, histogram: { values, bins } }) => {
      const text = `${recorded(name)} at ${step}  ${sparkline(values, 40, 0)}  ${formatShort(bins[0] ?? Number.NaN)} to ${formatShort(bins.at(-1) ?? Number.NaN)}`;
      return clipped(text, columns);
    }),
  ];
}

function episodeTable(
  episodes: readonly EpisodeSeries[],
  values: (episode: EpisodeSeries) => Float64Array,
  columns: number,
  ink: Ink,
): string[] {
  const rows = episodes.map((episode) => [
    clipped(recorded(episode.label), 24),
    clipped(recorded(episode.task_id), 16),
    ink.paint(outcomeText(episode.outcome), episode.outcome === "success" ? ROLE.positive : ROLE.negative),
    `${episode.totals.steps}`,
    signed(episode.totals.reward, ink),
    episode.totals.final_similarity === null ? "n/a" : formatPercent(episode.totals.final_similarity),
  ]);
  const head = ["episode", "task", "outcome", "steps", "reward", "similarity"];
  const widths = head.map((name, i) => Math.max(widthOf(name), ...rows.map((row) => widthOf(row[i]!))));
  const room = columns - widths.reduce((sum, width) => sum + width + 2, 0);
  const line = (cells: readonly string[]) => cells.map((cell, i) => padded(cell, widths[i]!)).join("  ");
  return [
    clipped(ink.dim(line(head)), columns),
    ...rows.map((row, i) => {
      const bars = room >= 8 ? `  ${ink.paint(sparkline(values(episodes[i]!), room), ROLE.reward)}` : "";
      return clipped(line(row) + bars, columns);
    }),
  ];
}
