import { operationName, type PictureSettings, type StepView, stepTrouble } from "@episcope/records";
import { MARGIN } from "../scene/layout.js";
import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { episodeLine, operationColor, reasonText } from "../text/episode-words.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { failureText } from "./step-words.js";

/** Number, operation and reasons of a step; below them its episode, and at the right why it failed. */
export function drawStepHeader(
  builder: SceneBuilder,
  view: StepView,
  settings: PictureSettings,
  width: number,
): void {
  const room = width - 2 * MARGIN;
  const step = `Step ${view.step}`;
  builder.text(MARGIN, 44, step, { size: TEXT_SIZE.title, weight: 700 });
  const flagsWidth = drawFlags(builder, view, width - MARGIN, room * 0.55);
  if (settings.show_operation_names) {
    let x = MARGIN + textWidth(`${step}  `, TEXT_SIZE.title);
    const color = operationColor(view.action);
    if (color !== null) {
      builder.swatch(x, 27, 18, color);
      x += 26;
    }
    const free = width - MARGIN - flagsWidth - 16 - x;
    const name = fitText(cleanText(operationName(view.action)), free, TEXT_SIZE.title);
    builder.text(x, 44, name, { size: TEXT_SIZE.title });
  }
  const why = fitText(failureText(view), room / 2, TEXT_SIZE.body);
  builder.text(width - MARGIN, 68, why, { size: TEXT_SIZE.body, anchor: "end", fill: ROLE.negative });
  const free = room - (why === "" ? 0 : textWidth(`${why}  `, TEXT_SIZE.body));
  builder.text(MARGIN, 68, episodeLine(view.episode, free, TEXT_SIZE.body), {
    size: TEXT_SIZE.body,
    fill: ROLE.muted,
  });
}

/** What is special about the step, right-aligned: trouble first. Returns the width. */
function drawFlags(builder: SceneBuilder, view: StepView, right: number, room: number): number {
  const size = TEXT_SIZE.body;
  const word = stepTrouble(view) ?? "";
  const reasons = [
    ...view.reasons.map(reasonText),
    ...(view.terminated ? ["terminated"] : []),
    ...(view.truncated ? ["truncated"] : []),
  ].join(" · ");
  const between = word !== "" && reasons !== "" ? " · " : "";
  const flags = fitText(between + reasons, room - textWidth(word, size), size);
  builder.text(right, 44, flags, { size, anchor: "end", fill: ROLE.muted });
  const left = right - textWidth(flags, size);
  builder.text(left, 44, word, { size, weight: 700, anchor: "end", fill: ROLE.negative });
  return textWidth(flags, size) + textWidth(word, size);
}
