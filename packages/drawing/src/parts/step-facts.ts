import type { Grid, StepView } from "@episcope/records";
import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { formatPercent, formatPoints, formatSigned } from "../text/format-number.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { signPaint, sizeConflict } from "./metric-cards.js";

const LINE = 22;

/** A name and its value, on one line with others. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly fill: Paint;
}

/** Reward, total and similarity in words. */
export function stepFacts(
  view: StepView,
  { after, target }: { readonly after: Grid; readonly target: Grid | null },
): Fact[] {
  const { reward, reward_total, similarity, similarity_change: change } = view;
  const conflict = sizeConflict(after, target);
  const facts: Fact[] = [
    { name: "reward", value: formatSigned(reward), fill: signPaint(reward) },
    { name: "total", value: formatSigned(reward_total), fill: signPaint(reward_total) },
    {
      name: "similarity",
      value: similarity === null ? "n/a" : formatPercent(similarity),
      fill: ROLE.text,
    },
  ];
  if (change !== null && formatPoints(change) !== "0.0") {
    facts.push({ name: "change", value: formatPoints(change), fill: signPaint(change) });
  }
  if (conflict !== null) facts.push({ name: "size", value: conflict, fill: ROLE.negative });
  return facts;
}

const COLUMN_LINE = 17;
const COLUMN_PITCH = 40;

/** Whether the facts have room below each other, each with its value below its name. */
export function fitsFactColumn(facts: readonly Fact[], width: number, height: number): boolean {
  const wide = facts.some(
    ({ name, value }) =>
      textWidth(name, TEXT_SIZE.caption) > width || textWidth(value, TEXT_SIZE.body) > width,
  );
  return !wide && facts.length * COLUMN_PITCH <= height + COLUMN_LINE;
}

export function drawFactColumn(builder: SceneBuilder, facts: readonly Fact[], x: number, y: number): void {
  for (const [index, { name, value, fill }] of facts.entries()) {
    const top = y + 10 + index * COLUMN_PITCH;
    builder.text(x, top, name, { size: TEXT_SIZE.caption, fill: ROLE.muted });
    builder.text(x, top + COLUMN_LINE, value, { size: TEXT_SIZE.body, weight: 700, fill });
  }
}

/** The facts behind each other, on more lines where they do not fit. Returns the height. */
export function drawFactLines(
  builder: SceneBuilder,
  facts: readonly Fact[],
  x: number,
  y: number,
  width: number,
): number {
  const size = TEXT_SIZE.body;
  let at = 0;
  let line = 0;
  for (const { name, value, fill } of facts) {
    const before = name === "" ? "" : `${name} `;
    const needed = textWidth(before + value, size);
    if (at > 0 && at + needed > width) {
      at = 0;
      line++;
    }
    const baseline = y + 14 + line * LINE;
    builder.text(x + at, baseline, name, { size, fill: ROLE.muted });
    builder.text(x + at + textWidth(before, size), baseline, value, { size, weight: 700, fill });
    at += needed + textWidth("  ", size);
  }
  return (line + 1) * LINE + 8;
}
