import type { Grid, PictureSettings, TaskPair, TaskView } from "@episcope/records";
import { cropGrid } from "../grid/grid-frame.js";
import { COORDINATE_GUTTER, drawCoordinates, drawGrid, gridSide, sizeLabel } from "../grid/grid-panel.js";
import { drawTitle } from "../parts/picture-title.js";
import { type Detail, detailOf } from "../scene/detail.js";
import { even } from "../scene/layout.js";
import { inRecordedColors } from "../scene/recorded-scheme.js";
import { ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { plural } from "../text/episode-words.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

/** Between input and output, side by side and above each other. */
const ARROW = { across: 44, down: 48 } as const;
const PAIR_GAP = 40;
const LABEL = 22;
const ROW_GAP = 30;
const SECTION_HEAD = 30;
/** The picture may grow to about this height before cells shrink. */
const WANTED_HEIGHT = 1400;
/** A page may grow to this where larger cells come of it. */
const WIDE_ROW = 1440;
const LARGEST_CELL = 28;
/** On a page; a narrow picture takes what fits. */
const SMALLEST_CELL = 4;

interface Pair {
  readonly name: string;
  readonly input: Grid;
  readonly output: Grid | null;
}

interface Placed {
  readonly pair: Pair;
  readonly x: number;
  readonly y: number;
}

interface Section {
  readonly heading: string;
  readonly y: number;
  readonly pairs: readonly Placed[];
}

/** Whether an output stands right of its input or below it. */
type Direction = "across" | "down";

/**
 * A task: train pairs, then tests, all at one cell scale; an unknown output is an empty frame with a question mark.
 * Outputs stand beside their inputs or below them, whichever gives the larger cells.
 */
export function taskPicture(view: TaskView, given: PictureSettings): Scene {
  const settings = inRecordedColors(given, view);
  const builder = SceneBuilder.for(settings);
  const { page } = builder;
  const detail = detailOf(settings.image_quality);
  const id = cleanText(view.task_id);
  const counts = `${plural(view.train.length, "train pair")}, ${plural(view.test.length, "test")}; sizes are rows × columns`;
  const isPage = page.layout === "page" && settings.width === undefined;
  const start = {
    x: page.margin,
    y: drawTitle(builder, [{ text: "Task", weight: 700 }, { text: id }], counts),
    smallestCell: isPage ? SMALLEST_CELL : 2,
  };
  const groups = [
    {
      heading: "Train",
      pairs: view.train.map((pair, index) => crop(pair, `Train ${(pair.number ?? index) + 1}`)),
    },
    {
      heading: "Test",
      pairs: view.test.map((pair, index) => crop(pair, `Test ${(pair.number ?? index) + 1}`)),
    },
  ].filter(({ pairs }) => pairs.length > 0);
  const gutter = settings.show_coordinates ? COORDINATE_GUTTER : { left: 0, top: 0 };
  const plans = (isPage ? [page.inner, WIDE_ROW] : [page.inner]).flatMap((room) =>
    (["across", "down"] as const).map((direction) => fittingPlan(groups, gutter, start, room, direction)),
  );
  const { cell, direction, ...plan } = plans.reduce((best, next) =>
    isBetter(next, best, page.inner) ? next : best,
  );
  const width = Math.max(page.width, even(plan.width + 2 * page.margin));
  for (const { heading, y, pairs } of plan.sections) {
    const rule = page.margin + Math.ceil(textWidth(`${heading} `, TEXT_SIZE.heading));
    builder.text(page.margin, y + 16, heading, { size: TEXT_SIZE.heading, weight: 700 });
    builder.add({
      kind: "segments",
      lines: [rule, y + 10, width - page.margin - rule, 0],
      weight: 1,
      stroke: ROLE.border,
    });
    for (const placed of pairs) drawPair(builder, placed, cell, gutter, direction, detail);
  }
  const hidden = view.test.filter(({ output }) => output === null).length;
  const description = `${counts}.${hidden > 0 ? ` ${plural(hidden, "test output")} not shown.` : ""}`;
  return builder.finish(width, even(plan.height + 8), `Task ${id}`, description);
}

interface Group {
  readonly heading: string;
  readonly pairs: readonly Pair[];
}

interface Plan {
  readonly sections: readonly Section[];
  readonly width: number;
  readonly height: number;
}

/** Where the first pair stands. */
type Start = { readonly x: number; readonly y: number; readonly smallestCell: number };

type Gutter = { readonly left: number; readonly top: number };

type FittingPlan = Plan & { readonly cell: number; readonly direction: Direction };

/** Larger cells, or as large ones on a smaller page. */
function isBetter(next: FittingPlan, best: FittingPlan, page: number): boolean {
  if (next.width > page !== best.width > page && best.cell === next.cell) return next.width <= page;
  if (next.cell !== best.cell) return next.cell > best.cell;
  const area = ({ width, height }: Plan): number => Math.max(page, width) * height;
  return area(next) < 0.9 * area(best);
}

/** The largest cells with which the pairs fit into rows of `room` pixels and about the wanted height. */
function fittingPlan(
  groups: readonly Group[],
  gutter: Gutter,
  start: Start,
  room: number,
  direction: Direction,
): FittingPlan {
  let cell = LARGEST_CELL;
  let plan = layOut(groups, cell, gutter, start, room, direction);
  while (cell > start.smallestCell && (plan.height > WANTED_HEIGHT || plan.width > room)) {
    cell -= 2;
    plan = layOut(groups, cell, gutter, start, room, direction);
  }
  return { ...plan, cell, direction };
}

/** Pairs side by side, a new row where the next one does not fit. */
function layOut(
  groups: readonly Group[],
  cell: number,
  gutter: Gutter,
  start: Start,
  room: number,
  direction: Direction,
): Plan {
  let { y } = start;
  let width = 0;
  const sections = groups.map(({ heading, pairs }): Section => {
    const top = y;
    const placed: Placed[] = [];
    let x = 0;
    let rowHeight = 0;
    y += SECTION_HEAD;
    for (const pair of pairs) {
      const size = pairSize(pair, cell, gutter, direction);
      if (x > 0 && x + size.width > room) {
        x = 0;
        y += rowHeight + ROW_GAP;
        rowHeight = 0;
      }
      placed.push({ pair, x: start.x + x, y });
      width = Math.max(width, x + size.width);
      x += size.width + PAIR_GAP;
      rowHeight = Math.max(rowHeight, size.height);
    }
    y += rowHeight + ROW_GAP;
    return { heading, y: top, pairs: placed };
  });
  return { sections, width, height: y };
}

function pairSize(
  pair: Pair,
  cell: number,
  gutter: Gutter,
  direction: Direction,
): { readonly width: number; readonly height: number } {
  const output = outputShape(pair);
  const input = panelWidth(pair.input.shape, cell, gutter, inputLabel(pair));
  const other = panelWidth(output, cell, gutter, outputLabel(pair));
  const head = LABEL + gutter.top;
  if (direction === "across") {
    const rows = Math.max(pair.input.shape[0], output[0]);
    return { width: input + ARROW.across + other, height: head + gridSide(rows, cell) };
  }
  const grids = gridSide(pair.input.shape[0], cell) + gridSide(output[0], cell);
  return { width: Math.max(input, other), height: head + grids + ARROW.down + gutter.top };
}

function panelWidth(
  [, columns]: readonly [number, number],
  cell: number,
  gutter: Gutter,
  label: string,
): number {
  return even(gutter.left + Math.max(gridSide(columns, cell), textWidth(label, TEXT_SIZE.caption)) + 1);
}

/** An unknown output takes the room of its input. */
function outputShape({ input, output }: Pair): readonly [number, number] {
  return output ? output.shape : input.shape;
}

function inputLabel({ name, input }: Pair): string {
  return `${name}  ${sizeLabel(input.shape)}`;
}

function outputLabel({ output }: Pair): string {
  return output ? sizeLabel(output.shape) : "not shown";
}

function drawPair(
  builder: SceneBuilder,
  { pair, x, y }: Placed,
  cell: number,
  gutter: Gutter,
  direction: Direction,
  detail: Detail,
): void {
  const { input, output, name } = pair;
  const top = even(y + LABEL + gutter.top);
  const left = even(x + gutter.left);
  const size = TEXT_SIZE.caption;
  builder.text(left, y + 12, name, { size, weight: 700 });
  const afterName = left + textWidth(`${name}  `, size);
  builder.text(afterName, y + 12, sizeLabel(input.shape), { size, fill: ROLE.muted });
  const frame = drawGrid(builder, input, { x: left, y: top, cell }, `${name} input`, detail);
  if (gutter.left > 0) drawCoordinates(builder, frame, [0, 0]);
  const shape = outputShape(pair);
  let place: { readonly x: number; readonly y: number };
  let labelAt: number;
  if (direction === "across") {
    const after = x + panelWidth(input.shape, cell, gutter, inputLabel(pair));
    drawArrowAcross(builder, after, top + gridSide(Math.min(input.shape[0], shape[0]), cell) / 2);
    place = { x: even(after + ARROW.across + gutter.left), y: top };
    labelAt = y + 12;
  } else {
    const bottom = top + gridSide(input.shape[0], cell);
    drawArrowDown(builder, left + 8, bottom + 6);
    place = { x: left, y: even(bottom + ARROW.down + gutter.top) };
    labelAt = place.y - gutter.top - 10;
  }
  builder.text(place.x, labelAt, outputLabel(pair), { size, fill: ROLE.muted });
  if (output) {
    const drawn = drawGrid(builder, output, { ...place, cell }, `${name} output`, detail);
    if (gutter.left > 0) drawCoordinates(builder, drawn, [0, 0]);
  } else drawUnknown(builder, place, shape, cell);
}

function drawArrowAcross(builder: SceneBuilder, x: number, y: number): void {
  const middle = Math.round(y);
  const from = Math.round(x + ARROW.across / 2);
  builder.rect(from - 10, middle - 1, 12, 2, ROLE.muted);
  builder.add({ kind: "arrow", x: from + 2, y: middle - 6, size: 6, fill: ROLE.muted });
}

/** A head of rows that become shorter. */
function drawArrowDown(builder: SceneBuilder, x: number, y: number): void {
  builder.rect(x - 1, y, 2, 6, ROLE.muted);
  for (let row = 0; row < 5; row++) builder.rect(x - 5 + row, y + 6 + row, 10 - 2 * row, 1, ROLE.muted);
}

function drawUnknown(
  builder: SceneBuilder,
  { x, y }: { readonly x: number; readonly y: number },
  shape: readonly [number, number],
  cell: number,
): void {
  const width = gridSide(shape[1], cell);
  const height = gridSide(shape[0], cell);
  builder.rect(x, y, width, height, ROLE.panel, ROLE.border);
  if (height < 24) return;
  builder.text(x + width / 2, y + height / 2 + 10, "?", { size: 28, anchor: "middle", fill: ROLE.muted });
}

function crop({ input, output }: TaskPair, name: string): Pair {
  return { name, input: cropGrid(input), output: output && cropGrid(output) };
}
