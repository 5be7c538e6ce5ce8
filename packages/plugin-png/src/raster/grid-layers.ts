import { type GridItem, type MarksItem, ROLE, type Scene, type SelectionItem } from "@episcope/drawing";
import { addBox, frameEdges, type ToPixel } from "./flat-layers.js";
import type { IndexPalette } from "./index-palette.js";
import { fillLine, type LinePlan } from "./line-plan.js";

/** Cells and lines of a grid; its digits are text and are added with the text. */
export function addGrid(plan: LinePlan, item: GridItem, palette: IndexPalette, px: ToPixel): void {
  const [rows, columns] = item.shape;
  const { xs, ys } = frameEdges(item, px);
  const lineX = Int32Array.from(xs, (_, c) => px(item.x + c * item.cell + 1));
  const right = lineX[columns]!;
  const ink = palette.paints[ROLE.gridLine]!;
  const padding = palette.paints[ROLE.padding]!;
  const { data, mask, lines } = item;
  const values = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    values[i] = mask !== undefined && mask[i] === 0 ? padding : palette.paints[data[i]!]!;
  }
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * columns, (r + 1) * columns);
    plan.add({
      left: xs[0]!,
      top: ys[r]!,
      right,
      bottom: ys[r + 1]!,
      solid: -1,
      paint: (line) => {
        for (let c = 0; c < columns; ) {
          let end = c + 1;
          while (end < columns && row[end] === row[c]) end++;
          fillLine(line, row[c]!, xs[c]!, xs[end]!);
          c = end;
        }
        if (lines) for (let c = 0; c <= columns; c++) fillLine(line, ink, xs[c]!, lineX[c]!);
      },
    });
    if (lines) addBox(plan, xs[0]!, ys[r]!, right, px(item.y + r * item.cell + 1), ink);
  }
  const bottom = px(item.y + rows * item.cell + 1);
  if (!lines) {
    addBox(plan, xs[0]!, ys[0]!, right, px(item.y + 1), ink);
    addBox(plan, xs[0]!, ys[0]!, lineX[0]!, bottom, ink);
    addBox(plan, xs[columns]!, ys[0]!, right, bottom, ink);
  }
  addBox(plan, xs[0]!, ys[rows]!, right, bottom, ink);
}

export function addMarks(
  plan: LinePlan,
  item: MarksItem,
  scene: Scene,
  palette: IndexPalette,
  px: ToPixel,
): void {
  if (item.mark === "ring") {
    addRings(plan, item, scene, palette, px);
    return;
  }
  const [rows, columns] = item.shape;
  const inset = item.mark === "centre" ? Math.floor((item.cell + 1 - item.size) / 2) : item.cell >= 8 ? 2 : 1;
  for (let r = 0; r < rows; r++) {
    const spans: number[] = [];
    for (let c = 0; c < columns; c++) {
      if (item.mask[r * columns + c] !== 1) continue;
      const x = item.x + c * item.cell + inset;
      const ink = palette.paints[scene.ink[item.data[r * columns + c]!]!]!;
      spans.push(px(x), px(x + item.size), ink);
    }
    if (spans.length === 0) continue;
    const y = item.y + r * item.cell + inset;
    plan.add({
      left: spans[0]!,
      top: px(y),
      right: spans.at(-2)!,
      bottom: px(y + item.size),
      solid: -1,
      paint: (line) => {
        for (let i = 0; i < spans.length; i += 3) fillLine(line, spans[i + 2]!, spans[i]!, spans[i + 1]!);
      },
    });
  }
}

/** The rings of dark ink first, of each ink the outer borders: the order in which the SVG paints them. */
function addRings(plan: LinePlan, item: MarksItem, scene: Scene, palette: IndexPalette, px: ToPixel): void {
  const columns = item.shape[1];
  const inset = (item.cell + 1 - item.size) / 2;
  for (const ink of [ROLE.markDark, ROLE.markLight]) {
    const cells = [...item.mask.keys()].filter(
      (index) => item.mask[index] === 1 && scene.ink[item.data[index]!] === ink,
    );
    const other = ink === ROLE.markDark ? ROLE.markLight : ROLE.markDark;
    for (const [paint, inside, weight] of [
      [other, 0, 1],
      [ink, 1, item.weight ?? 2],
    ] as const) {
      for (const index of cells) {
        const x = item.x + (index % columns) * item.cell + inset + inside;
        const y = item.y + Math.floor(index / columns) * item.cell + inset + inside;
        addRing(plan, x, y, item.size - 2 * inside, weight, palette.paints[paint]!, px);
      }
    }
  }
}

function addRing(
  plan: LinePlan,
  x: number,
  y: number,
  side: number,
  weight: number,
  value: number,
  px: ToPixel,
): void {
  const [left, right, innerLeft, innerRight] = [x, x + side, x + weight, x + side - weight].map(px) as Edges;
  const [top, bottom, innerTop, innerBottom] = [y, y + side, y + weight, y + side - weight].map(px) as Edges;
  addBox(plan, left, top, right, innerTop, value);
  addBox(plan, left, innerBottom, right, bottom, value);
  addBox(plan, left, innerTop, innerLeft, innerBottom, value);
  addBox(plan, innerRight, innerTop, right, innerBottom, value);
}

type Edges = [number, number, number, number];

export function addSelection(
  plan: LinePlan,
  item: SelectionItem,
  palette: IndexPalette,
  px: ToPixel,
  scale: number,
): void {
  const dark = palette.paints[ROLE.markDark]!;
  const light = palette.paints[ROLE.markLight]!;
  if (item.hatch !== null) addHatch(plan, item, item.hatch, dark, light, px, scale);
  const half = (item.weight - 1) / 2;
  addOutline(plan, item, half + 1, light, px);
  addOutline(plan, item, half, dark, px);
}

function addHatch(
  plan: LinePlan,
  item: SelectionItem,
  hatch: number,
  dark: number,
  light: number,
  px: ToPixel,
  scale: number,
): void {
  const [rows, columns] = item.shape;
  const { xs, ys } = frameEdges(item, px);
  for (let r = 0; r < rows; r++) {
    const spans: number[] = [];
    for (let c = 0; c < columns; ) {
      if (item.mask[r * columns + c] !== 1) {
        c++;
        continue;
      }
      let end = c + 1;
      while (end < columns && item.mask[r * columns + end] === 1) end++;
      spans.push(xs[c]!, xs[end]!);
      c = end;
    }
    if (spans.length === 0) continue;
    plan.addUneven({
      left: spans[0]!,
      top: ys[r]!,
      right: spans.at(-1)!,
      bottom: ys[r + 1]!,
      solid: -1,
      paint: (line, y) => {
        for (let i = 0; i < spans.length; i += 2) {
          for (let x = spans[i]!; x < spans[i + 1]!; x++) {
            const s = ((x + y + 1) / scale) % hatch;
            if (s >= hatch - 0.75 || s < 0.25) line[x] = dark;
            else if (s < 1.25) line[x] = light;
          }
        }
      },
    });
  }
}

/** The borders between selected cells and others, `half` pixels wider on each side than the line they lie on. */
function addOutline(plan: LinePlan, item: SelectionItem, half: number, value: number, px: ToPixel): void {
  const [rows, columns] = item.shape;
  const selected = (r: number, c: number) =>
    r >= 0 && r < rows && c >= 0 && c < columns && item.mask[r * columns + c] === 1;
  const x = (c: number) => item.x + c * item.cell;
  const y = (r: number) => item.y + r * item.cell;
  // Borders that go on are joined: their ends overlap anyway.
  for (let r = 0; r <= rows; r++) {
    for (let c = 0; c < columns; c++) {
      if (selected(r - 1, c) === selected(r, c)) continue;
      const first = c;
      while (c + 1 < columns && selected(r - 1, c + 1) !== selected(r, c + 1)) c++;
      addBox(plan, px(x(first) - half), px(y(r) - half), px(x(c + 1) + half + 1), px(y(r) + half + 1), value);
    }
  }
  for (let c = 0; c <= columns; c++) {
    for (let r = 0; r < rows; r++) {
      if (selected(r, c - 1) === selected(r, c)) continue;
      const first = r;
      while (r + 1 < rows && selected(r + 1, c - 1) !== selected(r + 1, c)) r++;
      addBox(plan, px(x(c) - half), px(y(first) - half), px(x(c) + half + 1), px(y(r + 1) + half + 1), value);
    }
  }
}
