import type { EpisodeSeries } from "@episcope/records";
import { meanOf } from "../chart/series.js";
import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { formatPercent, formatShort, formatSigned } from "../text/format-number.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { signPaint } from "./metric-cards.js";
import { drawTable, type TableCell, type TableColumn } from "./table.js";

const COLUMNS: readonly TableColumn[] = [
  { title: "Task", share: 3, narrow: 2, align: "start" },
  { title: "Episodes", share: 1, align: "end", narrow: 0 },
  { title: "Solved", share: 1.2, align: "end" },
  { title: "Mean steps", share: 1.2, align: "end", narrow: 0 },
  { title: "Mean reward", share: 1.3, narrow: 1.4, align: "end" },
  { title: "Mean final similarity", short: "Mean sim.", share: 1.8, align: "end", narrow: 0 },
  { title: "Best similarity", short: "Best sim.", share: 1.5, align: "end", narrow: 0 },
];

/** One line for each task, in the order of their first episodes; at most `most` lines. Returns the height. */
export function drawTaskTable(
  builder: SceneBuilder,
  episodes: readonly EpisodeSeries[],
  x: number,
  y: number,
  width: number,
  most: number,
): number {
  const tasks = new Map<string, EpisodeSeries[]>();
  for (const episode of episodes) {
    const group = tasks.get(episode.task_id);
    if (group) group.push(episode);
    else tasks.set(episode.task_id, [episode]);
  }
  const rows = [...tasks].slice(0, most).map(([id, group]) => taskRow(id, group));
  builder.text(x, y + 14, "Tasks", { size: TEXT_SIZE.heading, weight: 700 });
  let height = 28 + drawTable(builder, COLUMNS, rows, x, y + 28, width);
  if (tasks.size > most) {
    builder.text(x + 2, y + height + 10, `and ${tasks.size - most} more tasks`, {
      size: TEXT_SIZE.caption,
      fill: ROLE.muted,
    });
    height += 22;
  }
  return height;
}

function taskRow(id: string, group: readonly EpisodeSeries[]): TableCell[] {
  const solved = group.filter(({ outcome }) => outcome === "success").length;
  const reward = meanOf(group.map(({ totals }) => totals.reward));
  const final = meanOf(group.map(({ totals }) => totals.final_similarity));
  const best = group.reduce<number | null>(
    (top, { totals }) => (totals.best_similarity === null ? top : Math.max(top ?? 0, totals.best_similarity)),
    null,
  );
  const steps = meanOf(group.map(({ totals }) => totals.steps));
  return [
    { text: cleanText(id) },
    { text: String(group.length) },
    { text: `${solved} of ${group.length}`, fill: solved > 0 ? ROLE.positive : ROLE.text },
    { text: steps === null ? "n/a" : formatShort(steps) },
    { text: reward === null ? "n/a" : formatSigned(reward), fill: signPaint(reward ?? 0) },
    { text: final === null ? "n/a" : formatPercent(final) },
    { text: best === null ? "n/a" : formatPercent(best) },
  ];
}
