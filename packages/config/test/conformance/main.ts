// npm run conformance -- [--cases DIR] [--category NAME] [--report FILE.json] [--write FILE.md] [--verbose]
// Without --cases the cases of this package. Exits 1 when a case fails.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { categoriesOf, readCases, readTrees } from "./cases.js";
import { ADAPTERS, type CategoryReport, runCategory } from "./run.js";
import { conformanceTable, withTable } from "./table.js";

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    cases: { type: "string", default: join("packages", "config", "cases") },
    category: { type: "string", multiple: true },
    report: { type: "string" },
    write: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(
    "npm run conformance -- [--cases DIR] [--category NAME] [--report FILE.json] [--write FILE.md] [--verbose]\n" +
      "Without --cases the cases of Hydra 1.3 in packages/config/cases; those of 1.4 are in its folder 1.4.",
  );
  process.exit(0);
}
const trees = readTrees(values.cases);
const present = categoriesOf(values.cases);
const is14 = basename(values.cases) === "1.4";
const wanted = values.category ?? present.filter((category) => Object.hasOwn(ADAPTERS, category));
const reports: CategoryReport[] = [];
for (const category of wanted) {
  if (!Object.hasOwn(ADAPTERS, category) || !present.includes(category)) {
    console.error(`category '${category}': ${present.includes(category) ? "not run here" : "no cases"}`);
    process.exit(2);
  }
  const report = await runCategory(category, readCases(values.cases, category), trees);
  reports.push(report);
  const excluded = Object.values(report.excluded).reduce((sum, count) => sum + count, 0);
  console.log(`${category}: ${report.passed} passed, ${report.failures.length} failed, ${excluded} excluded`);
  for (const [name, count] of Object.entries(report.excluded)) console.log(`  excluded ${name}: ${count}`);
  for (const { id, rule, difference } of report.failures) {
    const name = rule === undefined ? id : `${id} (${rule})`;
    console.log(values.verbose ? `  ${name}\n      ${difference}` : `  ${name}`);
  }
}
if (values.report !== undefined) {
  writeFileSync(values.report, `${JSON.stringify({ level: "value", categories: reports }, null, 2)}\n`);
}
if (values.write !== undefined) {
  writeFileSync(
    values.write,
    withTable(
      readFileSync(values.write, "utf8"),
      conformanceTable([...reports].sort((a, b) => (a.category < b.category ? -1 : 1))),
      is14 ? "1.4" : "1.3",
    ),
  );
}
process.exitCode = reports.some(({ failures }) => failures.length > 0) ? 1 : 0;
