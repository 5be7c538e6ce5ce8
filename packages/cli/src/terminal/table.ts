import { printableMessage } from "@episcope/errors";

/**
 * Columns of text with two spaces between them; columns whose cells are all numbers are set right. Recorded texts
 * are made printable.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...clean.map((row) => (row[i] ?? "").length)),
  );
  const isNumeric = headings.map(
    (_, i) => clean.length > 0 && clean.every((row) => /^-?[\d.]*$/.test(row[i] ?? "")),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isNumeric[i] === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  return `${[headings, ...clean].map(line).join("\n")}\n`;
}

/** The narrowest that a column of texts is cut to. */
const NARROWEST = 8;

/** As `table`, but no line is wider than `width`: the widest columns of texts are cut, with "…" at the end. */
export function fittedTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, at) =>
    Math.max(heading.length, ...clean.map((row) => (row[at] ?? "").length)),
  );
  const spare = (): number => widths.reduce((sum, each) => sum + each + 2, -2) - width;
  while (spare() > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const at = widths.indexOf(widest);
    widths[at] = Math.max(NARROWEST, widest - spare());
  }
  const cut = (cell: string, at: number): string =>
    cell.length > widths[at]! ? `${cell.slice(0, widths[at]! - 1)}…` : cell;
  return table(
    headings.map(cut),
    clean.map((row) => row.map(cut)),
  );
}

/** A recorded text without control characters, so that it cannot steer the terminal. */
export function printable(text: string): string {
  return printableMessage(text).replace(/[\t\n]/g, "\ufffd");
}
