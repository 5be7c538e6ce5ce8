import { digitBaseline, FONT, type GridItem, ROLE } from "@episcope/drawing";
import { colorOf, type Pen } from "./pen.js";

/** Of cells that are padding. */
const PADDING = -1;

/**
 * Cells as one area per colour, and over them the lines. Between two areas of one colour no seam can be seen, however a viewer smooths
 * their edges: runs of cells are joined over rows, and lie over a ground of the commonest colour.
 */
export function drawGrid(pen: Pen, item: GridItem): void {
  const { document } = pen;
  const { shape, x, y, cell } = item;
  const [rows, columns] = shape;
  const blocks = blocksOf(item);
  const ground = commonest(blocks);
  document.rect(x, y, columns * cell, rows * cell).fill(colorOfValue(pen, ground));
  for (const [value, some] of blocks) {
    if (value === ground) continue;
    for (const { row, column, height, width } of some)
      document.rect(x + column * cell, y + row * cell, width * cell, height * cell);
    document.fill(colorOfValue(pen, value));
  }
  drawLines(pen, item);
  if (item.digits !== null) drawDigits(pen, item, item.digits);
}

interface Block {
  readonly row: number;
  readonly column: number;
  readonly width: number;
  height: number;
}

/** By value the runs of equal cells, those that stand exactly below each other joined. */
function blocksOf({ shape: [rows, columns], data, mask }: GridItem): Map<number, Block[]> {
  const blocks = new Map<number, Block[]>();
  let above = new Map<string, Block>();
  const valueAt = (index: number): number =>
    mask !== undefined && mask[index] === 0 ? PADDING : (data[index] as number);
  for (let row = 0; row < rows; row++) {
    const current = new Map<string, Block>();
    for (let column = 0; column < columns; ) {
      const from = column;
      const value = valueAt(row * columns + from);
      while (column < columns && valueAt(row * columns + column) === value) column++;
      const key = `${value} ${from} ${column}`;
      let block = above.get(key);
      if (block === undefined) {
        block = { row, column: from, width: column - from, height: 0 };
        const some = blocks.get(value);
        if (some === undefined) blocks.set(value, [block]);
        else some.push(block);
      }
      block.height += 1;
      current.set(key, block);
    }
    above = current;
  }
  return blocks;
}

function commonest(blocks: ReadonlyMap<number, readonly Block[]>): number {
  const cells = [...blocks].map(
    ([value, some]) => [value, some.reduce((sum, { width, height }) => sum + width * height, 0)] as const,
  );
  return cells.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

function colorOfValue(pen: Pen, value: number): string {
  return colorOf(pen, value === PADDING ? ROLE.padding : value);
}

function drawLines(pen: Pen, { shape: [rows, columns], x, y, cell, lines }: GridItem): void {
  const { document } = pen;
  const [width, height] = [columns * cell, rows * cell];
  if (lines) {
    for (let column = 0; column <= columns; column++)
      document.moveTo(x + column * cell + 0.5, y).lineTo(x + column * cell + 0.5, y + height + 1);
    for (let row = 0; row <= rows; row++)
      document.moveTo(x, y + row * cell + 0.5).lineTo(x + width + 1, y + row * cell + 0.5);
  } else document.rect(x + 0.5, y + 0.5, width, height);
  document.lineWidth(1).stroke(colorOf(pen, ROLE.gridLine));
}

function drawDigits(pen: Pen, item: GridItem, size: number): void {
  const { document, ink } = pen;
  const { shape, x, y, cell, data, mask } = item;
  const columns = shape[1];
  document.font("RobotoMono-Regular").fontSize(size);
  for (const [index, value] of data.entries()) {
    if (mask !== undefined && mask[index] === 0) continue;
    const middle = x + (index % columns) * cell + (cell + 1) / 2;
    const baseline = y + Math.floor(index / columns) * cell + digitBaseline(cell, size);
    document.fillColor(colorOf(pen, ink[value] as number));
    const left = middle - (size * FONT.advance) / 2;
    document.text(value.toString(16).toUpperCase(), left, baseline - size * FONT.ascent, {
      lineBreak: false,
    });
  }
}
