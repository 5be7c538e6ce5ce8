import {
  formatPercent,
  formatPoints,
  formatShort,
  operationColor,
  reasonText,
  stepPanelPictures,
  thumbnailPicture,
} from "@episcope/drawing";
import { operationName, type PictureSettings, type StepView, stepTrouble } from "@episcope/records";
import { escaped, isolated } from "./escape.js";
import type { PagePictures } from "./page-pictures.js";
import { signed } from "./step-table.js";

/** Pixels that the grid of a row and those of an unfolded step are fitted inside. */
const THUMBNAIL = 46;
const PANEL = 360;

/** The id of a step in the page. */
export function stepId(step: number): string {
  return `step-${step}`;
}

/** Names of what stands in the rows. */
export function stepListHead(): string {
  const cells = ["", "Step", "Operation", "Reward", "Similarity", "Key step"];
  const kinds = ["", "number", "", "number", "number", "why"];
  const spans = cells.map((text, index) => `<span class="${kinds[index]}">${text}</span>`);
  return `<div class="row head" aria-hidden="true">${spans.join("")}</div>`;
}

/** Steps that a step's links lead to, where there are any with a picture. */
export interface StepNeighbours {
  readonly before: number | null;
  readonly after: number | null;
}

/** A row of the list; where the step has a picture it unfolds to it. */
export function stepRow(
  view: StepView,
  neighbours: StepNeighbours | null,
  settings: PictureSettings,
  pictures: PagePictures,
): string {
  const kind = view.reasons.length > 0 ? "step key" : "step";
  const row = rowCells(view, settings, pictures);
  if (neighbours === null)
    return `<div class="${kind}" id="${stepId(view.step)}"><div class="row">${row}</div></div>`;
  return [
    `<details class="${kind}" id="${stepId(view.step)}" name="step"><summary class="row">${row}</summary>`,
    `<div class="stage">${stage(view, settings, pictures)}${links(neighbours)}</div></details>`,
  ].join("\n");
}

function rowCells(view: StepView, settings: PictureSettings, pictures: PagePictures): string {
  const thumbnail = thumbnailPicture(view.after, view.episode.target, "", THUMBNAIL, settings);
  const trouble = stepTrouble(view);
  const why = [
    ...(trouble === null ? [] : [`<span class="bad">${trouble}</span>`]),
    ...view.reasons.map(reasonText),
  ].join(", ");
  return [
    pictures.decoration(thumbnail, "thumb"),
    `<span class="number">${view.step}</span>`,
    `<span>${swatch(view, settings, pictures)}${isolated(operationName(view.action))}</span>`,
    `<span class="number">${signed(view.reward)}</span>`,
    `<span class="number">${view.similarity === null ? "n/a" : formatPercent(view.similarity)}</span>`,
    `<span class="why">${why}</span>`,
  ].join("");
}

/** A square of the colour that the operation paints. */
function swatch(view: StepView, settings: PictureSettings, pictures: PagePictures): string {
  const color = operationColor(view.action);
  if (color === null) return "";
  const cell = { shape: [1, 1] as const, data: Uint8Array.of(color) };
  return pictures.decoration(thumbnailPicture(cell, null, "", 14, settings), "swatch");
}

function stage(view: StepView, settings: PictureSettings, pictures: PagePictures): string {
  const { panels, wrong } = stepPanelPictures(view, settings, PANEL);
  const figures = panels.map(
    ({ name, size, caption, scene }) =>
      `<figure><figcaption><b>${name}</b><span class="muted">${size}</span></figcaption>${pictures.picture(scene, "panel")}<span class="muted">${escaped(caption)}</span></figure>`,
  );
  const facts = settings.include_metrics
    ? `<dl class="facts">${factsOf(view)
        .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
        .join("")}</dl>`
    : "";
  const error = typeof view.info.error === "string" ? `<p class="bad">${isolated(view.info.error)}</p>` : "";
  return `${error}<div class="panels">${figures.join("")}</div>${facts}${wrong === "" ? "" : `<p>${escaped(wrong)}</p>`}`;
}

function factsOf(view: StepView): [name: string, value: string][] {
  const { similarity, similarity_change: change, best_similarity: best } = view;
  return [
    ["reward", signed(view.reward)],
    ["total", signed(view.reward_total)],
    ...(similarity === null ? [] : [["similarity", formatPercent(similarity)] as [string, string]]),
    ...(change === null ? [] : [["change in points", formatPoints(change)] as [string, string]]),
    ...(best === null ? [] : [["best so far", formatPercent(best)] as [string, string]]),
    ...Object.entries(view.info.metrics ?? {}).map(([name, value]): [string, string] => [
      isolated(name),
      formatShort(value),
    ]),
  ];
}

function links({ before, after }: StepNeighbours): string {
  const link = (step: number | null, text: string): string =>
    step === null ? "" : `<a href="#${stepId(step)}">${text}</a>`;
  return `<nav class="around" aria-label="Steps around">${link(before, "Previous step")}${link(after, "Next step")}</nav>`;
}
