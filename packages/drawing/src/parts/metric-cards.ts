import type { Grid, StepView } from "@episcope/records";
import { sizeLabel } from "../grid/grid-panel.js";
import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { plural } from "../text/episode-words.js";
import { formatPercent, formatPoints, formatSigned } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

interface Card {
  readonly label: string;
  readonly value: string;
  readonly fill: Paint;
  readonly note: string;
  readonly noteFill: Paint;
  /** Small, right of the value. */
  readonly aside?: string;
}

const CARD_HEIGHT = 84;
/** Cards and the space below them. */
export const METRIC_CARDS_HEIGHT: number = CARD_HEIGHT + 16;

/** Reward, total reward, similarity with a bar and the best so far, and efficiency, side by side. */
export function drawMetricCards(
  builder: SceneBuilder,
  view: StepView,
  grids: { readonly after: Grid; readonly target: Grid | null },
  x: number,
  y: number,
  width: number,
): void {
  const cards = cardsOf(view, sizeConflict(grids.after, grids.target));
  const gap = 12;
  const each = Math.floor((width - gap * (cards.length - 1)) / cards.length);
  for (const [index, card] of cards.entries()) {
    const left = x + index * (each + gap);
    builder.card(left, y, each, CARD_HEIGHT);
    const room = each - 20;
    builder.text(left + 10, y + 20, fitText(card.label, room, TEXT_SIZE.caption), {
      size: TEXT_SIZE.caption,
      fill: ROLE.muted,
    });
    if (card.label === SIMILARITY && view.similarity !== null) {
      const style = { size: TEXT_SIZE.caption, anchor: "end", fill: ROLE.muted } as const;
      builder.text(left + each - 10, y + 20, OF_WHAT, style);
    }
    builder.text(left + 10, y + 45, fitText(card.value, room, TEXT_SIZE.value), {
      size: TEXT_SIZE.value,
      weight: 700,
      fill: card.fill,
    });
    builder.text(left + 10, y + 64, fitText(card.note, room, TEXT_SIZE.caption), {
      size: TEXT_SIZE.caption,
      fill: card.noteFill,
    });
    if (card.aside !== undefined) {
      const free = room - textWidth(card.value, TEXT_SIZE.value) - 8;
      const style = { size: TEXT_SIZE.caption, anchor: "end", fill: ROLE.muted } as const;
      // The bar has a tick for it too.
      if (textWidth(card.aside, TEXT_SIZE.caption) <= free)
        builder.text(left + each - 10, y + 45, card.aside, style);
    }
    if (card.label === SIMILARITY && view.similarity !== null)
      drawBar(builder, view, left + 10, y + 72, room);
  }
}

/** Zero for the difference of two numbers that differ only in their last bits. */
function withoutNoise(difference: number, of: number): number {
  return Math.abs(difference) <= 1e-9 * Math.max(1, Math.abs(of)) ? 0 : difference;
}

const SIMILARITY = "Similarity";
/** Stands beside the label: similarity counts the cells of the target, not those that a larger grid has beyond it. */
const OF_WHAT = "of target";

/** "12×12, wants 4×1" where the sizes differ, else null: then a similarity of 100 % is no success. */
export function sizeConflict(grid: Grid, target: Grid | null): string | null {
  if (target === null || sizeLabel(grid.shape) === sizeLabel(target.shape)) return null;
  return `${sizeLabel(grid.shape)}, wants ${sizeLabel(target.shape)}`;
}

function cardsOf(view: StepView, conflict: string | null): Card[] {
  const { reward, reward_change, reward_total, similarity, similarity_change, best_similarity, efficiency } =
    view;
  const cards: Card[] = [
    {
      label: "Reward",
      value: formatSigned(reward),
      fill: signPaint(reward),
      note:
        reward_change === null
          ? "first reward"
          : `${formatSigned(withoutNoise(reward_change, reward))} vs last`,
      noteFill: ROLE.muted,
    },
    {
      label: "Total",
      value: formatSigned(reward_total),
      fill: signPaint(reward_total),
      note: `over ${plural(view.step + 1, "step")}`,
      noteFill: ROLE.muted,
    },
  ];
  if (similarity === null) {
    cards.push(plain("Similarity", "n/a", "no target"));
    return cards;
  }
  cards.push({
    label: SIMILARITY,
    value: formatPercent(similarity),
    fill: ROLE.text,
    note: conflict ?? (similarity_change === null ? "" : `${formatPoints(similarity_change)} points`),
    noteFill:
      conflict !== null
        ? ROLE.negative
        : similarity_change === null || formatPoints(similarity_change) === "0.0"
          ? ROLE.muted
          : signPaint(similarity_change),
    ...(best_similarity !== null && best_similarity > similarity
      ? { aside: `best ${formatPercent(best_similarity)}` }
      : {}),
  });
  if (efficiency !== null) cards.push(plain("Efficiency", formatPoints(efficiency), "points a step so far"));
  return cards;
}

function plain(label: string, value: string, note: string): Card {
  return { label, value, fill: ROLE.text, note, noteFill: ROLE.muted };
}

/** Similarity as a bar from 0 to 1 with a tick at the best so far. */
function drawBar(builder: SceneBuilder, view: StepView, x: number, y: number, width: number): void {
  const at = (share: number): number => Math.round(Math.max(0, Math.min(1, share)) * width);
  builder.rect(x, y, width, 6, ROLE.tick);
  builder.rect(x, y, at(view.similarity ?? 0), 6, ROLE.similarity);
  if (view.best_similarity !== null) {
    builder.rect(x + Math.min(width - 2, at(view.best_similarity)), y - 2, 2, 10, ROLE.text);
  }
}

export function signPaint(value: number): Paint {
  if (value > 0) return ROLE.positive;
  if (value < 0) return ROLE.negative;
  return ROLE.text;
}
