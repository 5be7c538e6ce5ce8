import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readCases, readTrees } from "../../../tools/conformance/cases.js";
import { ADAPTERS, runCategory } from "../../../tools/conformance/run.js";

const dir = fileURLToPath(new URL("../../../../shared/conformance", import.meta.url));
const isPresent = existsSync(dir);
if (!isPresent) console.warn("conformance: ../shared/conformance is absent, its cases are skipped");

describe.skipIf(!isPresent)("every case of Hydra and OmegaConf passes", () => {
  const cases = isPresent ? readCases(dir) : [];
  const trees = isPresent ? readTrees(dir) : {};
  test.each(Object.keys(ADAPTERS))("%s", { timeout: 120_000 }, async (category) => {
    const own = cases.filter((testCase) => testCase.category === category);
    const { passed, failures } = await runCategory(category, own, trees);
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });
});
