import type { StepView } from "@episcope/records";
import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
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
  x: number,
  y: number,
  width: number,
): void {
  const cards = cardsOf(view);
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
      builder.text(left + each - 10, y + 45, fitText(card.aside, free, TEXT_SIZE.caption), {
        size: TEXT_SIZE.caption,
        anchor: "end",
        fill: ROLE.muted,
      });
    }
    if (card.label === "Similarity" && view.similarity !== null)
      drawBar(builder, view, left + 10, y + 72, room);
  }
}

/** Zero for the difference of two numbers that differ only in their last bits. */
function withoutNoise(difference: number, of: number): number {
  return Math.abs(difference) <= 1e-9 * Math.max(1, Math.abs(of)) ? 0 : difference;
}

function cardsOf(view: StepView): Card[] {
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
      note: "",
      noteFill: ROLE.muted,
    },
  ];
  if (similarity === null) {
    cards.push(plain("Similarity", "n/a", "no target"));
    return cards;
  }
  cards.push({
    label: "Similarity",
    value: formatPercent(similarity),
    fill: ROLE.text,
    note: similarity_change === null ? "" : `${formatPoints(similarity_change)} points`,
    noteFill: similarity_change === null ? ROLE.muted : signPaint(similarity_change),
    ...(best_similarity !== null && best_similarity > similarity
      ? { aside: `best ${formatPercent(best_similarity)}` }
      : {}),
  });
  if (efficiency !== null) cards.push(plain("Efficiency", formatPoints(efficiency), "points a step"));
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
