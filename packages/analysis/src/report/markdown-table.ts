import type { TextTable } from "./tables.js";

/** A table of Markdown, its columns aligned for a terminal; bars and breaks of recorded texts cannot break it. */
export function markdownTable({
  headings,
  rows,
  left_out = 0,
}: Omit<TextTable, "left_out"> & { readonly left_out?: number }): string {
  const cells = [headings, ...rows].map((row) => row.map(markdownText));
  const widths = headings.map((_, at) => Math.max(3, ...cells.map((row) => (row[at] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const lines = [line(cells[0]!), rule, ...cells.slice(1).map(line)];
  return left_out === 0 ? lines.join("\n") : `${lines.join("\n")}\n\n${left_out} more rows are left out.`;
}

/** A recorded text that does not steer the page. */
export function markdownText(text: string): string {
  return text
    .replace(/[\\`*<>|[\]]/g, "\\$&")
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " ");
}
