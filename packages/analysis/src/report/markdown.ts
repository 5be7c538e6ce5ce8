import type { Analysis } from "../analyze/analysis.js";
import { findingsOf, MODE_WORDS } from "./findings.js";
import { markdownTable, markdownText } from "./markdown-table.js";
import {
  contrastsTable,
  metricsTable,
  numbersTable,
  operationsTable,
  runsTable,
  type TextTable,
  tasksTable,
  title,
  windowsTable,
} from "./tables.js";

/** An analysis as Markdown, for a terminal, a pull request or a notebook. */
export function analysisMarkdown(analysis: Analysis): string {
  const findings = findingsOf(analysis).map((finding) => `- ${markdownText(finding)}`);
  const parts = [
    `# ${markdownText(title(analysis))}`,
    findings.join("\n"),
    markdownTable(numbersTable(analysis)),
    ...section("Runs", runsTable(analysis), 2),
    ...section("Why episodes failed", failuresTable(analysis)),
    ...section("Tasks", tasksTable(analysis)),
    ...section("Over time", windowsTable(analysis), 2),
    ...section("Operations", operationsTable(analysis)),
    ...section("What successes did and failures did not", contrastsTable(analysis)),
    ...section("Metrics of the producer", metricsTable(analysis)),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Nothing for a table with fewer rows. */
function section(heading: string, table: TextTable, fewest = 1): string[] {
  return table.rows.length < fewest ? [] : [`## ${heading}`, markdownTable(table)];
}

function failuresTable({ failures, runs }: Analysis): TextTable {
  return {
    headings: ["mode", "meaning", "episodes", "explains most", "for instance"],
    rows: failures.map(({ mode, episodes, first, examples: [example] }) => [
      mode,
      MODE_WORDS[mode]!,
      String(episodes),
      String(first),
      example === undefined
        ? ""
        : `${runs[example.run]!.name} episode ${example.episode}: ${example.evidence}`,
    ]),
    left_out: 0,
  };
}
