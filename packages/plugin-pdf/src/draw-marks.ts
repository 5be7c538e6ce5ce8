import { type GridFrame, type MarksItem, ROLE, type SelectionItem } from "@episcope/drawing";
import { colorOf, type Pen } from "./pen.js";

/** The hatch inside the selected cells, then the outline around them, light below dark. */
export function drawSelection(pen: Pen, item: SelectionItem): void {
  const { document } = pen;
  if (item.hatch !== null) drawHatch(pen, item, item.hatch);
  document.lineCap("square");
  for (const [paint, wider] of [
    [ROLE.markLight, 2],
    [ROLE.markDark, 0],
  ] as const) {
    outline(pen, item);
    document.lineWidth(item.weight + wider).stroke(colorOf(pen, paint));
  }
  document.lineCap("butt");
}

/** Bands of one pixel along x + y = constant, as `SelectionItem` gives them, cut to the selected cells. */
function drawHatch(pen: Pen, item: SelectionItem, period: number): void {
  const { document } = pen;
  const { shape, x, y, cell, mask } = item;
  if (!mask.includes(1)) return;
  document.save();
  for (const [index, selected] of mask.entries())
    if (selected !== 0)
      document.rect(x + (index % shape[1]) * cell, y + Math.floor(index / shape[1]) * cell, cell, cell);
  document.clip();
  const [width, height] = [shape[1] * cell, shape[0] * cell];
  const first = Math.floor((x + y) / period) * period;
  for (const [middle, paint] of [
    [-0.25, ROLE.markDark],
    [0.75, ROLE.markLight],
  ] as const) {
    for (let sum = first + middle; sum <= x + y + width + height + period; sum += period)
      document.moveTo(sum - y, y).lineTo(sum - y - height, y + height);
    // Across a band that is one pixel wide along a row.
    document.lineWidth(Math.SQRT1_2).stroke(colorOf(pen, paint));
  }
  document.restore();
}

/** Each border between a selected cell and one that is not. */
function outline({ document }: Pen, { shape: [rows, columns], x, y, cell, mask }: SelectionItem): void {
  const at = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < rows && column < columns && mask[row * columns + column] !== 0;
  const [left, top] = [x + 0.5, y + 0.5];
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const [px, py] = [left + column * cell, top + row * cell];
      if (at(row - 1, column) !== at(row, column)) document.moveTo(px, py).lineTo(px + cell, py);
      if (at(row, column - 1) !== at(row, column)) document.moveTo(px, py).lineTo(px, py + cell);
    }
  }
}

/** Little squares or rings in the ink of their cells; a ring has a pixel of the other ink around it. */
export function drawMarks(pen: Pen, item: MarksItem): void {
  const { document, ink } = pen;
  for (const paint of [ROLE.markDark, ROLE.markLight] as const) {
    const cells = [...item.mask.keys()].filter(
      (index) => item.mask[index] !== 0 && ink[item.data[index] as number] === paint,
    );
    if (cells.length === 0) continue;
    if (item.mark === "ring") {
      const other = paint === ROLE.markDark ? ROLE.markLight : ROLE.markDark;
      const weight = item.weight ?? 2;
      rings(pen, item, cells, 0.5, item.size - 1);
      document.lineWidth(1).stroke(colorOf(pen, other));
      rings(pen, item, cells, 1 + weight / 2, item.size - 2 - weight);
      document.lineWidth(weight).stroke(colorOf(pen, paint));
    } else {
      const inset =
        item.mark === "centre" ? Math.floor((item.cell + 1 - item.size) / 2) : item.cell >= 8 ? 2 : 1;
      squares(pen, item, cells, inset, item.size);
      document.fill(colorOf(pen, paint));
    }
  }
}

function rings(pen: Pen, item: MarksItem, cells: readonly number[], inside: number, side: number): void {
  squares(pen, item, cells, (item.cell + 1 - item.size) / 2 + inside, side);
}

function squares(
  { document }: Pen,
  { shape, x, y, cell }: GridFrame,
  cells: readonly number[],
  inset: number,
  side: number,
): void {
  for (const index of cells)
    document.rect(
      x + (index % shape[1]) * cell + inset,
      y + Math.floor(index / shape[1]) * cell + inset,
      side,
      side,
    );
}
