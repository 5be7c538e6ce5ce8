import { operationName, type PictureSettings, type StepView, stepTrouble } from "@episcope/records";
import { even } from "../scene/layout.js";
import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { episodeLine, operationColor, reasonText } from "../text/episode-words.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { type TitleStyle, titleStyle } from "./picture-title.js";
import { failureText } from "./step-words.js";

/**
 * Number, operation and reasons of a step; below them its episode, and at the right why it failed. Returns where the picture
 * goes on.
 */
export function drawStepHeader(
  builder: SceneBuilder,
  view: StepView,
  settings: PictureSettings,
  width: number,
): number {
  const style = titleStyle(builder);
  const { margin } = builder.page;
  if (style === null) return margin;
  const { size, baseline, below } = style;
  const room = width - 2 * margin;
  const step = `Step ${view.step}`;
  builder.text(margin, baseline, step, { size, weight: 700 });
  const flagsWidth = drawFlags(builder, view, width - margin, room * 0.55, style);
  if (settings.show_operation_names) {
    let x = margin + textWidth(`${step}  `, size);
    const color = operationColor(view.action);
    if (color !== null) {
      const side = even(size * 0.8);
      builder.swatch(x, baseline + 1 - side, side, color);
      x += side + 8;
    }
    const free = width - margin - flagsWidth - 16 - x;
    builder.text(x, baseline, fitText(cleanText(operationName(view.action)), free, size), { size });
  }
  const failure = failureText(view);
  const apart = builder.page.layout === "compact" && failure !== "";
  const why = fitText(failure, apart ? room : room / 2, below.size);
  const whyAt = below.baseline + (apart ? below.line : 0);
  if (apart) builder.text(margin, whyAt, why, { size: below.size, fill: ROLE.negative });
  else builder.text(width - margin, whyAt, why, { size: below.size, anchor: "end", fill: ROLE.negative });
  const free = room - (why === "" || apart ? 0 : textWidth(`${why}  `, below.size));
  builder.text(margin, below.baseline, episodeLine(view.episode, free, below.size), {
    size: below.size,
    fill: ROLE.muted,
  });
  return style.end + (apart ? below.line : 0);
}

/** What is special about the step, right-aligned: trouble first. Returns the width. */
function drawFlags(
  builder: SceneBuilder,
  view: StepView,
  right: number,
  room: number,
  { baseline, below: { size } }: TitleStyle,
): number {
  const word = stepTrouble(view) ?? "";
  const reasons = [
    ...view.reasons.map(reasonText),
    ...(view.terminated ? ["terminated"] : []),
    ...(view.truncated ? ["truncated"] : []),
  ].join(" · ");
  const between = word !== "" && reasons !== "" ? " · " : "";
  const flags = fitText(between + reasons, room - textWidth(word, size), size);
  builder.text(right, baseline, flags, { size, anchor: "end", fill: ROLE.muted });
  const left = Math.floor(right - textWidth(flags, size));
  builder.text(left, baseline, word, { size, weight: 700, anchor: "end", fill: ROLE.negative });
  return textWidth(flags, size) + textWidth(word, size);
}
