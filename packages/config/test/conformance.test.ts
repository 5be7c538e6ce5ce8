import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readCases, readTrees } from "../../../tools/conformance/cases.js";
import { ADAPTERS, type CategoryReport, runCategory } from "../../../tools/conformance/run.js";
import { conformanceTable, withTable } from "../../../tools/conformance/table.js";

const dir = fileURLToPath(new URL("../../../../shared/conformance", import.meta.url));
const isPresent = existsSync(dir);
if (!isPresent) console.warn("conformance: ../shared/conformance is absent, its cases are skipped");

describe.skipIf(!isPresent)("every case of Hydra and OmegaConf passes", () => {
  const cases = isPresent ? readCases(dir) : [];
  const trees = isPresent ? readTrees(dir) : {};
  const reports = new Map<string, CategoryReport>();
  test.each(Object.keys(ADAPTERS))("%s", { timeout: 120_000 }, async (category) => {
    const own = cases.filter((testCase) => testCase.category === category);
    const report = await runCategory(category, own, trees);
    reports.set(category, report);
    const { passed, failures } = report;
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });

  test("and docs/compatibility.md says how many", () => {
    const file = fileURLToPath(new URL("../../../docs/compatibility.md", import.meta.url));
    const document = readFileSync(file, "utf8");
    const inOrder = [...reports.values()].sort((a, b) => (a.category < b.category ? -1 : 1));
    expect(document).toBe(withTable(document, conformanceTable(inOrder)));
  });
});
