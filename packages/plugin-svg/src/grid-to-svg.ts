import { cleanText, digitBaseline, type GridItem, ROLE } from "@episcope/drawing";
import type { ByteWriter } from "./byte-writer.js";

const VALUES = 16;
const MAX_CELLS = 64 * 64;

/**
 * Writes a grid as one stroked path per colour over a ground of the commonest colour: a run of equal cells is
 * "Mx yhN" in cell units, drawn by a stroke as high as a cell. The lines between the cells are two dashed
 * strokes as wide as the grid. A 30x30 grid of a real task takes about 2 kB that way.
 */
export class GridWriter {
  /** Runs of the grid in hand. */
  readonly #chain = { places: new Int32Array(MAX_CELLS), next: new Int16Array(MAX_CELLS) };
  /** By paint; one more than the cell values, for padding. */
  readonly #first = new Int16Array(VALUES + 1);
  readonly #last = new Int16Array(VALUES + 1);
  readonly #cells = new Uint16Array(VALUES + 1);

  /** `share`: the writer of a page gives an id for cells, which it draws once; they are referred to. */
  write(
    out: ByteWriter,
    item: GridItem,
    colors: readonly string[],
    ink: readonly number[],
    share?: (cells: string) => string,
  ): void {
    this.#scan(item);
    const { shape, x, y, cell } = item;
    const [rows, columns] = shape;
    let ground = 0;
    for (let value = 1; value <= VALUES; value++) {
      if ((this.#cells[value] as number) > (this.#cells[ground] as number)) ground = value;
    }
    out.ascii(`<g role="img" aria-label="`);
    out.escaped(cleanText(item.label));
    out.ascii(` grid, ${rows} by ${columns}">`);
    out.ascii(`<g fill="none" transform="matrix(${cell} 0 0 ${cell} ${x} ${y + cell / 2})">`);
    const from = out.length;
    out.ascii(`<path fill="${colorOf(ground, colors)}" d="M0-.5h${columns}v${rows}h-${columns}z"/>`);
    for (let value = 0; value <= VALUES; value++) {
      const first = this.#first[value] as number;
      if (value === ground || first < 0) continue;
      out.ascii(`<path stroke="${colorOf(value, colors)}" d="`);
      out.runs(this.#chain, first, this.#cells[value] as number);
      out.ascii(`"/>`);
    }
    if (share !== undefined) out.ascii(`<use href="#${share(out.cut(from))}"/>`);
    out.ascii("</g>");
    writeLines(out, item, colors[ROLE.gridLine] as string);
    if (item.digits !== null) writeDigits(out, item, item.digits, colors, ink);
    out.ascii("</g>");
  }

  /** Finds the runs of equal cells and chains those of one colour. */
  #scan({ shape: [rows, columns], data, mask }: GridItem): void {
    const { places, next } = this.#chain;
    const first = this.#first.fill(-1);
    const last = this.#last;
    const cells = this.#cells.fill(0);
    let run = 0;
    for (let y = 0, index = 0; y < rows; y++) {
      for (let x = 0; x < columns; ) {
        const from = x;
        let value = data[index] as number;
        if (mask === undefined) {
          do {
            x++;
            index++;
          } while (x < columns && data[index] === value);
        } else {
          const real = mask[index];
          if (real === 0) value = VALUES;
          do {
            x++;
            index++;
          } while (x < columns && mask[index] === real && (real === 0 || data[index] === value));
        }
        places[run] = from | (y << 8) | ((x - from) << 16);
        next[run] = -1;
        if ((first[value] as number) < 0) first[value] = run;
        else next[last[value] as number] = run;
        last[value] = run;
        cells[value] = (cells[value] as number) + x - from;
        run++;
      }
    }
  }
}

function colorOf(value: number, colors: readonly string[]): string {
  return colors[value === VALUES ? ROLE.padding : value] as string;
}

/** Vertical and horizontal lines of one pixel: the dashes of a stroke across the grid, or just the frame. */
function writeLines(out: ByteWriter, { shape: [rows, columns], x, y, cell, lines }: GridItem, color: string) {
  const width = columns * cell + 1;
  const height = rows * cell + 1;
  if (!lines) {
    out.ascii(
      `<path fill="none" stroke="${color}" d="M${x + 0.5} ${y + 0.5}h${width - 1}v${height - 1}h-${width - 1}z"/>`,
    );
    return;
  }
  const dash = `stroke-dasharray="1 ${cell - 1}"`;
  out.ascii(`<g fill="none" stroke="${color}" ${dash}>`);
  out.ascii(`<path stroke-width="${height}" d="M${x} ${y + height / 2}h${width}"/>`);
  out.ascii(`<path stroke-width="${width}" d="M${x + width / 2} ${y}v${height}"/></g>`);
}

/** Digits row by row, once for each ink, each at its own x, so that another font does not shift them. */
function writeDigits(
  out: ByteWriter,
  item: GridItem,
  size: number,
  colors: readonly string[],
  ink: readonly number[],
): void {
  const { shape, x, y, cell, data, mask } = item;
  const [rows, columns] = shape;
  for (const paint of [ROLE.markDark, ROLE.markLight]) {
    let open = false;
    for (let row = 0; row < rows; row++) {
      let text = "";
      let places = "";
      for (let column = 0; column < columns; column++) {
        const index = row * columns + column;
        const value = data[index] as number;
        if (ink[value] !== paint || (mask !== undefined && mask[index] === 0)) continue;
        places += `${text === "" ? "" : " "}${x + column * cell + (cell + 1) / 2}`;
        text += value.toString(16).toUpperCase();
      }
      if (text === "") continue;
      if (!open) {
        out.ascii(`<g fill="${colors[paint]}" font-size="${size}" text-anchor="middle" aria-hidden="true">`);
        open = true;
      }
      out.ascii(`<text y="${y + row * cell + digitBaseline(cell, size)}" x="${places}">${text}</text>`);
    }
    if (open) out.ascii("</g>");
  }
}
