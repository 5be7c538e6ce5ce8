import type { ArrowItem, GridFrame, RectItem, SegmentsItem } from "@episcope/drawing";
import type { IndexPalette } from "./index-palette.js";
import { fillLine, type LinePlan } from "./line-plan.js";

/** From scene pixels to pixels of the raster; an edge between two pixels belongs to the right one. */
export type ToPixel = (scene: number) => number;

export function addBox(plan: LinePlan, x0: number, y0: number, x1: number, y1: number, value: number): void {
  if (x1 <= x0 || y1 <= y0) return;
  plan.add({
    left: x0,
    top: y0,
    right: x1,
    bottom: y1,
    solid: value,
    paint: (line) => fillLine(line, value, x0, x1),
  });
}

export function addRect(plan: LinePlan, item: RectItem, palette: IndexPalette, px: ToPixel): void {
  const [x0, y0, x1, y1] = [px(item.x), px(item.y), px(item.x + item.width), px(item.y + item.height)];
  addBox(plan, x0, y0, x1, y1, palette.paints[item.fill]!);
  if (item.frame === undefined) return;
  const frame = palette.paints[item.frame]!;
  const [innerX0, innerY0] = [px(item.x + 1), px(item.y + 1)];
  const [innerX1, innerY1] = [px(item.x + item.width - 1), px(item.y + item.height - 1)];
  addBox(plan, x0, y0, x1, innerY0, frame);
  addBox(plan, x0, innerY1, x1, y1, frame);
  addBox(plan, x0, innerY0, innerX0, innerY1, frame);
  addBox(plan, innerX1, innerY0, x1, innerY1, frame);
}

export function addSegments(plan: LinePlan, item: SegmentsItem, palette: IndexPalette, px: ToPixel): void {
  const value = palette.paints[item.stroke]!;
  const [on, off] = item.dash ?? [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i + 3 < item.lines.length; i += 4) {
    const [x, y, length, vertical] = item.lines.slice(i, i + 4) as [number, number, number, number];
    for (let from = 0; from < length; from += on + off) {
      const to = Math.min(length, from + on);
      if (vertical === 1) addBox(plan, px(x), px(y + from), px(x + item.weight), px(y + to), value);
      else addBox(plan, px(x + from), px(y), px(x + to), px(y + item.weight), value);
    }
  }
}

export function addArrow(plan: LinePlan, item: ArrowItem, palette: IndexPalette, px: ToPixel): void {
  const value = palette.paints[item.fill]!;
  const rows = 2 * item.size - 1;
  for (let i = 0; i < rows; i++) {
    addBox(
      plan,
      px(item.x),
      px(item.y + i),
      px(item.x + Math.min(i + 1, rows - i)),
      px(item.y + i + 1),
      value,
    );
  }
}

/** The pixel edges of a frame's columns and rows, one more than there are. */
export function frameEdges(
  frame: GridFrame,
  px: ToPixel,
): { readonly xs: Int32Array; readonly ys: Int32Array } {
  const [rows, columns] = frame.shape;
  return {
    xs: Int32Array.from({ length: columns + 1 }, (_, c) => px(frame.x + c * frame.cell)),
    ys: Int32Array.from({ length: rows + 1 }, (_, r) => px(frame.y + r * frame.cell)),
  };
}
