import type { CategoryReport } from "./run.js";

const START = "<!-- conformance table: npm run conformance -- --write docs/compatibility.md -->";
const END = "<!-- end of the conformance table -->";

/** The report as a Markdown table, a row per category. */
export function conformanceTable(reports: readonly CategoryReport[]): string {
  const rows = reports.map(({ category, passed, failures, excluded }) => {
    const left = Object.values(excluded).reduce((sum, count) => sum + count, 0);
    return `| ${category} | ${passed + failures.length + left} | ${passed} | ${failures.length} | ${left} |`;
  });
  return ["| category | cases | passed | failed | excluded |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** The document with the table in its place. */
export function withTable(document: string, table: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < start)
    throw new Error(`the document has no place for the table: '${START}' … '${END}'`);
  return `${document.slice(0, start + START.length)}\n\n${table}\n\n${document.slice(end)}`;
}
