import type { SummaryView } from "@episcope/records";
import { extentOf } from "../chart/axis.js";
import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { plural } from "../text/episode-words.js";
import { formatPercent, formatSigned } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { signPaint, sizeConflict } from "./metric-cards.js";

/** Width of the figures as a column beside the grids. */
export const FIGURES_WIDTH = 250;

const PITCH = 27;
const NOTE = 18;
const CARD_ROW = 76;

export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly fill: Paint;
  /** Below it: what speaks against the figure. */
  readonly note: string;
}

/** Differences below this are rounding. */
const ROUNDING = 1e-6;

/**
 * The figures of an episode, from its steps. Where the producer's own totals say something else, that is noted; a
 * producer's similarity and reward are steps' values too, so an honest one never differs.
 */
export function summaryFigures(view: SummaryView): Figure[] {
  const { rewards, similarities, initial_similarity: start, totals } = view;
  const steps = rewards.length;
  const reward = rewards.reduce((sum, value) => (Number.isFinite(value) ? sum + value : sum), 0);
  const final = known(similarities.at(-1)) ?? (steps === 0 ? start : null);
  const top = extentOf([...similarities, start ?? Number.NaN]);
  const best = top === null ? null : top.high;
  const lost = rewards.some((value) => !Number.isFinite(value));
  const conflict = sizeConflict(view.final, view.episode.target);
  const figures = [
    figure("Steps", String(steps), totals.steps === steps ? "" : `producer: ${totals.steps}`),
    {
      ...figure(
        "Total reward",
        formatSigned(reward),
        lost ? "of the finite rewards" : against(totals.reward, reward, formatSigned),
      ),
      fill: signPaint(reward),
    },
    figure("Reward per step", steps > 0 ? formatSigned(reward / steps) : "n/a"),
    figure(
      "Final similarity",
      share(final),
      conflict ?? against(totals.final_similarity, final, formatPercent),
    ),
    figure("Best similarity", share(best), against(totals.best_similarity, best, formatPercent)),
    figure("Start similarity", share(start)),
  ];
  const { unchanged_steps: idle = 0, failed_steps: failed = 0 } = view;
  if (idle > 0) figures.push(figure("Without effect", plural(idle, "step")));
  if (failed > 0) figures.push({ ...figure("Failed", plural(failed, "step")), fill: ROLE.negative });
  return figures;
}

function figure(label: string, value: string, note = ""): Figure {
  return { label, value, fill: ROLE.text, note };
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

function share(value: number | null): string {
  return value === null ? "n/a" : formatPercent(value);
}

/** What the producer says instead, "" where it says the same or nothing. */
function against(said: number | null, drawn: number | null, show: (value: number) => string): string {
  if (said === null || drawn === null || Math.abs(said - drawn) <= ROUNDING * Math.max(1, Math.abs(drawn))) {
    return "";
  }
  return `producer: ${show(said)}`;
}

/** The figures as a column. Returns its height. */
export function drawFigureColumn(
  builder: SceneBuilder,
  figures: readonly Figure[],
  x: number,
  y: number,
): number {
  const height = figures.reduce((sum, { note }) => sum + PITCH + (note === "" ? 0 : NOTE), 14);
  builder.card(x, y, FIGURES_WIDTH, height);
  const right = x + FIGURES_WIDTH - 12;
  let baseline = y + 26;
  for (const { label, value, fill, note } of figures) {
    const style = { size: TEXT_SIZE.heading, weight: 700, anchor: "end", fill } as const;
    const room = FIGURES_WIDTH - 32 - textWidth(label, TEXT_SIZE.caption);
    builder.text(x + 12, baseline, label, { size: TEXT_SIZE.caption, fill: ROLE.muted });
    builder.text(right, baseline, fitText(value, room, TEXT_SIZE.heading), style);
    baseline += PITCH;
    if (note === "") continue;
    const shown = fitText(note, FIGURES_WIDTH - 24, TEXT_SIZE.caption);
    builder.text(right, baseline - 8, shown, { size: TEXT_SIZE.caption, anchor: "end", fill: ROLE.negative });
    baseline += NOTE;
  }
  return height;
}

/** The figures as a row of cards, more rows where they do not fit. Returns the height. */
export function drawFigureRow(
  builder: SceneBuilder,
  figures: readonly Figure[],
  x: number,
  y: number,
  width: number,
): number {
  const gap = 12;
  const perRow = Math.max(1, Math.min(figures.length, Math.floor((width + gap) / (160 + gap))));
  const each = Math.floor((width - gap * (perRow - 1)) / perRow);
  for (const [index, { label, value, fill, note }] of figures.entries()) {
    const left = x + (index % perRow) * (each + gap);
    const top = y + Math.floor(index / perRow) * (CARD_ROW + gap);
    builder.card(left, top, each, CARD_ROW);
    const write = (text: string, down: number, size: number, paint: Paint, weight: 400 | 700 = 400): void =>
      builder.text(left + 10, top + down, fitText(text, each - 20, size), { size, fill: paint, weight });
    write(label, 20, TEXT_SIZE.caption, ROLE.muted);
    write(value, 44, TEXT_SIZE.heading, fill, 700);
    write(note, 64, TEXT_SIZE.caption, ROLE.negative);
  }
  return Math.ceil(figures.length / perRow) * (CARD_ROW + gap) - gap;
}
