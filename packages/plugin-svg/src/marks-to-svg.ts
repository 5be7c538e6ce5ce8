import { cleanText, type MarksItem, ROLE, type SelectionItem } from "@episcope/drawing";
import type { ByteWriter } from "./byte-writer.js";

/** Name of the hatch pattern: made of all that it depends on, so equal names mean equal patterns in a page. */
function hatchId(period: number, colors: readonly string[]): string {
  const [dark, light] = [colors[ROLE.markDark], colors[ROLE.markLight]] as [string, string];
  return `hatch-${period}-${dark.slice(1)}-${light.slice(1)}`;
}

/** The hatch as bands x + y = constant, with the edges that `SelectionItem` gives; not smoothed. */
export function writeHatchPattern(out: ByteWriter, period: number, colors: readonly string[]): void {
  const size = `width="${period}" height="${period}"`;
  out.ascii(`<pattern id="${hatchId(period, colors)}" patternUnits="userSpaceOnUse" ${size}>`);
  out.ascii(`<g shape-rendering="crispEdges">`);
  for (const [from, to, role] of [
    [-0.75, 0.25, ROLE.markDark],
    [0.25, 1.25, ROLE.markLight],
  ] as const) {
    let path = "";
    for (let turn = 0; turn <= 2; turn++) {
      const [a, b] = [from + turn * period, to + turn * period];
      path += `M${a} 0L${b} 0L0 ${b}L0 ${a}z`;
    }
    out.ascii(`<path fill="${colors[role]}" d="${path}"/>`);
  }
  out.ascii("</g></pattern>");
}

export function writeSelection(out: ByteWriter, item: SelectionItem, colors: readonly string[]): void {
  const { weight, hatch } = item;
  out.ascii(`<g role="img" aria-label="selection">`);
  if (hatch !== null) {
    out.ascii(`<path fill="url(#${hatchId(hatch, colors)})" d="${cellsPath(item)}"/>`);
  }
  const outline = outlinePath(item);
  out.ascii(`<g fill="none" stroke-linecap="square">`);
  out.ascii(`<path stroke="${colors[ROLE.markLight]}" stroke-width="${weight + 2}" d="${outline}"/>`);
  out.ascii(`<path stroke="${colors[ROLE.markDark]}" stroke-width="${weight}" d="${outline}"/></g></g>`);
}

/** The selected cells as rectangles, one for each run of a row. */
function cellsPath({ shape: [rows, columns], x, y, cell, mask }: SelectionItem): string {
  let path = "";
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (mask[row * columns + column] === 0) continue;
      const from = column;
      while (column + 1 < columns && mask[row * columns + column + 1] !== 0) column++;
      const width = (column + 1 - from) * cell;
      path += `M${x + from * cell} ${y + row * cell}h${width}v${cell}h-${width}z`;
    }
  }
  return path;
}

/** The region's borders along the middle of the pixel lines between cells, joined to runs. */
function outlinePath({ shape: [rows, columns], x, y, cell, mask }: SelectionItem): string {
  const at = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < rows && column < columns && mask[row * columns + column] !== 0;
  let path = "";
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (at(row - 1, column) === at(row, column)) continue;
      const from = column;
      while (column + 1 < columns && at(row - 1, column + 1) !== at(row, column + 1)) column++;
      path += `M${x + from * cell + 0.5} ${y + row * cell + 0.5}h${(column + 1 - from) * cell}`;
    }
  }
  for (let column = 0; column <= columns; column++) {
    for (let row = 0; row < rows; row++) {
      if (at(row, column - 1) === at(row, column)) continue;
      const from = row;
      while (row + 1 < rows && at(row + 1, column - 1) !== at(row + 1, column)) row++;
      path += `M${x + column * cell + 0.5} ${y + from * cell + 0.5}v${(row + 1 - from) * cell}`;
    }
  }
  return path;
}

/** Marked cells: one path of little squares, or of rings, for each ink. */
export function writeMarks(
  out: ByteWriter,
  item: MarksItem,
  colors: readonly string[],
  ink: readonly number[],
): void {
  if (item.label === undefined) out.ascii("<g>");
  else {
    out.ascii(`<g role="img" aria-label="`);
    out.escaped(cleanText(item.label));
    out.ascii(`">`);
  }
  for (const paint of [ROLE.markDark, ROLE.markLight]) {
    const cells: number[] = [];
    for (let index = 0; index < item.mask.length; index++) {
      if (item.mask[index] !== 0 && ink[item.data[index] as number] === paint) cells.push(index);
    }
    if (cells.length === 0) continue;
    if (item.mark === "ring") {
      const other = paint === ROLE.markDark ? ROLE.markLight : ROLE.markDark;
      writeRings(out, item, cells, 0, 1, colors[other] as string);
      writeRings(out, item, cells, 1, item.weight ?? 2, colors[paint] as string);
    } else writeSquares(out, item, cells, colors[paint] as string);
  }
  out.ascii("</g>");
}

function writeSquares(
  out: ByteWriter,
  { shape, x, y, cell, size, mark }: MarksItem,
  cells: readonly number[],
  color: string,
): void {
  const inset = mark === "centre" ? Math.floor((cell + 1 - size) / 2) : cell >= 8 ? 2 : 1;
  out.ascii(`<path fill="none" stroke="${color}" stroke-width="${size}" d="`);
  for (const index of cells) {
    const left = x + (index % shape[1]) * cell + inset;
    const middle = y + Math.floor(index / shape[1]) * cell + inset + size / 2;
    out.byte(77);
    out.number(left);
    out.byte(32);
    out.number(middle);
    out.byte(104);
    out.number(size);
  }
  out.ascii(`"/>`);
}

/** Borders of `weight` pixels that begin `inside` pixels inside the square of the mark. */
function writeRings(
  out: ByteWriter,
  { shape, x, y, cell, size }: MarksItem,
  cells: readonly number[],
  inside: number,
  weight: number,
  color: string,
): void {
  const inset = (cell + 1 - size) / 2 + inside + weight / 2;
  const side = size - 2 * inside - weight;
  out.ascii(`<path fill="none" stroke="${color}" stroke-width="${weight}" d="`);
  for (const index of cells) {
    out.byte(77);
    out.number(x + (index % shape[1]) * cell + inset);
    out.byte(32);
    out.number(y + Math.floor(index / shape[1]) * cell + inset);
    out.ascii(`h${side}v${side}h-${side}z`);
  }
  out.ascii(`"/>`);
}
