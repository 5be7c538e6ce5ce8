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

/** A recorded text without control characters, so that it cannot steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}
