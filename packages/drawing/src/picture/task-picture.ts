import type { Grid, PictureSettings, TaskPair, TaskView } from "@episcope/records";
import { cropGrid } from "../grid/grid-frame.js";
import { COORDINATE_GUTTER, drawCoordinates, drawGrid, gridSide, sizeLabel } from "../grid/grid-panel.js";
import { type Detail, detailOf } from "../scene/detail.js";
import { even, MARGIN, PAGE_INNER, PAGE_WIDTH } from "../scene/layout.js";
import { createPalette } from "../scene/palette.js";
import { ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { plural } from "../text/episode-words.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

const ARROW = 44;
const PAIR_GAP = 40;
const LABEL = 22;
const ROW_GAP = 30;
const SECTION_HEAD = 30;
/** The picture may grow to about this height before cells shrink. */
const WANTED_HEIGHT = 1400;
/** Rows of the usual page width; wider ones where larger cells come of it. */
const ROW_WIDTHS = [PAGE_INNER, 1440] as const;
const LARGEST_CELL = 28;
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

/** A task: train pairs, then tests, all at one cell scale; an unknown output is an empty frame with a question mark. */
export function taskPicture(view: TaskView, settings: PictureSettings): Scene {
  const builder = new SceneBuilder(createPalette(settings.color_scheme));
  const detail = detailOf(settings.image_quality);
  const id = cleanText(view.task_id);
  builder.text(MARGIN, 44, "Task", { size: TEXT_SIZE.title, weight: 700 });
  const from = MARGIN + textWidth("Task ", TEXT_SIZE.title);
  builder.text(from, 44, fitText(id, PAGE_WIDTH - MARGIN - from, TEXT_SIZE.title), { size: TEXT_SIZE.title });
  const counts = `${plural(view.train.length, "train pair")}, ${plural(view.test.length, "test")}; sizes are rows × columns`;
  builder.text(MARGIN, 68, counts, { size: TEXT_SIZE.body, fill: ROLE.muted });
  const groups = [
    { heading: "Train", pairs: view.train.map((pair, index) => crop(pair, `Train ${index + 1}`)) },
    { heading: "Test", pairs: view.test.map((pair, index) => crop(pair, `Test ${index + 1}`)) },
  ].filter(({ pairs }) => pairs.length > 0);
  const gutter = settings.show_coordinates ? COORDINATE_GUTTER : { left: 0, top: 0 };
  const plans = ROW_WIDTHS.map((room) => fittingPlan(groups, gutter, room));
  const { cell, ...plan } = plans.reduce((best, next) => (next.cell > best.cell ? next : best));
  const width = Math.max(PAGE_WIDTH, even(plan.width + 2 * MARGIN));
  for (const { heading, y, pairs } of plan.sections) {
    const rule = MARGIN + Math.ceil(textWidth(`${heading} `, TEXT_SIZE.heading));
    builder.text(MARGIN, y + 16, heading, { size: TEXT_SIZE.heading, weight: 700 });
    builder.add({
      kind: "segments",
      lines: [rule, y + 10, width - MARGIN - rule, 0],
      weight: 1,
      stroke: ROLE.border,
    });
    for (const placed of pairs) drawPair(builder, placed, cell, gutter, settings, detail);
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

type Gutter = { readonly left: number; readonly top: number };

/** The largest cells with which the pairs fit into rows of `room` pixels and about the wanted height. */
function fittingPlan(
  groups: readonly Group[],
  gutter: Gutter,
  room: number,
): Plan & { readonly cell: number } {
  let cell = LARGEST_CELL;
  let plan = layOut(groups, cell, gutter, room);
  while (cell > SMALLEST_CELL && (plan.height > WANTED_HEIGHT || plan.width > room)) {
    cell -= 2;
    plan = layOut(groups, cell, gutter, room);
  }
  return { ...plan, cell };
}

/** Pairs side by side, a new row where the next one does not fit. */
function layOut(groups: readonly Group[], cell: number, gutter: Gutter, room: number): Plan {
  let y = 92;
  let width = 0;
  const sections = groups.map(({ heading, pairs }): Section => {
    const top = y;
    const placed: Placed[] = [];
    let x = 0;
    let rowHeight = 0;
    y += SECTION_HEAD;
    for (const pair of pairs) {
      const size = pairSize(pair, cell, gutter);
      if (x > 0 && x + size.width > room) {
        x = 0;
        y += rowHeight + ROW_GAP;
        rowHeight = 0;
      }
      placed.push({ pair, x: MARGIN + x, y });
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
): { readonly width: number; readonly height: number } {
  const output = outputShape(pair);
  return {
    width:
      panelWidth(pair.input.shape, cell, gutter, inputLabel(pair)) +
      ARROW +
      panelWidth(output, cell, gutter, outputLabel(pair)),
    height: LABEL + gutter.top + gridSide(Math.max(pair.input.shape[0], output[0]), cell),
  };
}

function panelWidth(
  [, columns]: readonly [number, number],
  cell: number,
  gutter: Gutter,
  label: string,
): number {
  return even(Math.max(gutter.left + gridSide(columns, cell), textWidth(label, TEXT_SIZE.caption)));
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
  settings: PictureSettings,
  detail: Detail,
): void {
  const { input, output, name } = pair;
  const top = even(y + LABEL + gutter.top);
  const left = even(x + gutter.left);
  builder.text(left, y + 12, name, { size: TEXT_SIZE.caption, weight: 700 });
  builder.text(left + textWidth(`${name}  `, TEXT_SIZE.caption), y + 12, sizeLabel(input.shape), {
    size: TEXT_SIZE.caption,
    fill: ROLE.muted,
  });
  const frame = drawGrid(builder, input, { x: left, y: top, cell }, `${name} input`, detail);
  if (settings.show_coordinates) drawCoordinates(builder, frame, [0, 0]);
  const shape = outputShape(pair);
  const after = x + panelWidth(input.shape, cell, gutter, inputLabel(pair));
  const middle = top + Math.round(gridSide(Math.min(input.shape[0], shape[0]), cell) / 2);
  builder.rect(after + ARROW / 2 - 10, middle - 1, 12, 2, ROLE.muted);
  builder.add({
    kind: "arrow",
    x: Math.round(after + ARROW / 2) + 2,
    y: middle - 6,
    size: 6,
    fill: ROLE.muted,
  });
  const right = even(after + ARROW + gutter.left);
  builder.text(right, y + 12, outputLabel(pair), { size: TEXT_SIZE.caption, fill: ROLE.muted });
  if (output) {
    const drawn = drawGrid(builder, output, { x: right, y: top, cell }, `${name} output`, detail);
    if (settings.show_coordinates) drawCoordinates(builder, drawn, [0, 0]);
    return;
  }
  const width = gridSide(shape[1], cell);
  const height = gridSide(shape[0], cell);
  builder.rect(right, top, width, height, ROLE.panel, ROLE.border);
  builder.text(right + width / 2, top + height / 2 + 10, "?", {
    size: 28,
    anchor: "middle",
    fill: ROLE.muted,
  });
}

function crop({ input, output }: TaskPair, name: string): Pair {
  return { name, input: cropGrid(input), output: output && cropGrid(output) };
}
