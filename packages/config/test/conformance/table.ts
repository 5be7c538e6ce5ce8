import type { CategoryReport } from "./run.js";

/** Of which version of Hydra a table is. */
type TableVersion = "1.3" | "1.4";

const END = "<!-- end of the conformance table -->";

function startOf(version: TableVersion): string {
  const cases = version === "1.3" ? "" : ` --cases packages/config/cases/${version}`;
  return `<!-- conformance table: npm run conformance --${cases} --write docs/compatibility.md -->`;
}

/** The report as a Markdown table, a row per category. */
export function conformanceTable(reports: readonly CategoryReport[]): string {
  const rows = reports.map(({ category, passed, failures, excluded }) => {
    const left = Object.values(excluded).reduce((sum, count) => sum + count, 0);
    return `| ${category} | ${passed + failures.length + left} | ${passed} | ${failures.length} | ${left} |`;
  });
  return ["| category | cases | passed | failed | excluded |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** The document with the table in its place. */
export function withTable(document: string, table: string, version: TableVersion = "1.3"): string {
  const mark = startOf(version);
  const start = document.indexOf(mark);
  const end = document.indexOf(END, start);
  if (start < 0 || end < start)
    throw new Error(`the document has no place for the table: '${mark}' … '${END}'`);
  return `${document.slice(0, start + mark.length)}\n\n${table}\n\n${document.slice(end)}`;
}
