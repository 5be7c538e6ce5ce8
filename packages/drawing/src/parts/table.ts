import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

export interface TableColumn {
  readonly title: string;
  /** Where the title has no room. */
  readonly short?: string;
  /** Share of the table's width. */
  readonly share: number;
  /** Numbers stand at the right. */
  readonly align: "start" | "end";
  /** Its share where the page is narrow; 0: it is left out. */
  readonly narrow?: number;
}

export interface TableCell {
  /** Clean text. */
  readonly text: string;
  readonly fill?: Paint;
}

const ROW = 24;
const SIZE = TEXT_SIZE.caption;

/** A table with a line under its head and between its rows. Returns its height. */
export function drawTable(
  builder: SceneBuilder,
  allColumns: readonly TableColumn[],
  allRows: readonly (readonly TableCell[])[],
  x: number,
  y: number,
  width: number,
): number {
  const shareOf = ({ share, narrow = share }: TableColumn): number => (builder.page.narrow ? narrow : share);
  const isShown = (_: unknown, index: number): boolean => shareOf(allColumns[index] as TableColumn) > 0;
  const columns = allColumns.filter(isShown);
  const rows = allRows.map((row) => row.filter(isShown));
  const total = columns.reduce((sum, column) => sum + shareOf(column), 0);
  const lines: number[] = [];
  let left = x;
  const places = columns.map((column) => {
    const place = { left, width: (width * shareOf(column)) / total };
    left += place.width;
    return place;
  });
  const write = (cells: readonly TableCell[], baseline: number, head: boolean): void => {
    for (const [index, cell] of cells.entries()) {
      const { align } = columns[index] as TableColumn;
      const place = places[index] as (typeof places)[number];
      const text = fitText(cell.text, place.width - 12, SIZE);
      builder.text(align === "end" ? place.left + place.width - 6 : place.left + 2, baseline, text, {
        size: SIZE,
        anchor: align,
        weight: head ? 700 : 400,
        fill: cell.fill ?? (head ? ROLE.muted : ROLE.text),
      });
    }
  };
  write(
    columns.map(({ title, short = title }, index) => {
      const fits = textWidth(title, SIZE) <= (places[index] as (typeof places)[number]).width - 12;
      return { text: fits ? title : short };
    }),
    y + 16,
    true,
  );
  for (const [index, row] of rows.entries()) {
    lines.push(x, y + ROW * (index + 1), Math.floor(width), 0);
    write(row, y + ROW * (index + 1) + 16, false);
  }
  builder.add({ kind: "segments", lines: lines.slice(0, 4), weight: 1, stroke: ROLE.border });
  builder.add({ kind: "segments", lines: lines.slice(4), weight: 1, stroke: ROLE.tick });
  return ROW * (rows.length + 1) + 8;
}
