import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { hydraSource } from "../src/index.js";
import { CASES, CASES_14, categoriesOf, readCases, readText, readTrees } from "./conformance/cases.js";
import { ADAPTERS, type CategoryReport, runCategory } from "./conformance/run.js";
import { conformanceTable, withTable } from "./conformance/table.js";

/** Recorded for Hydra 1.4 only. */
const ONLY_14 = ["instantiate"];

describe("the recorded answers of Hydra and OmegaConf", () => {
  const trees = readTrees(CASES);
  const reports = new Map<string, CategoryReport>();

  it("have a file for every category", () => {
    const here = Object.keys(ADAPTERS).filter((category) => !ONLY_14.includes(category));
    expect(categoriesOf(CASES)).toEqual(here.sort());
    expect(categoriesOf(CASES_14)).toEqual(Object.keys(ADAPTERS).sort());
  });

  it("are compressed without a name and a time, so that the same cases are the same bytes", () => {
    for (const name of readdirSync(CASES).filter((file) => file.endsWith(".gz"))) {
      const head = readFileSync(join(CASES, name)).subarray(0, 8);
      expect([name, head.toString("hex")]).toEqual([name, "1f8b080000000000"]);
    }
  });

  it.each(Object.keys(ADAPTERS).filter((category) => !ONLY_14.includes(category)))(
    "are ours too: %s",
    { timeout: 300_000 },
    async (category) => {
      const report = await runCategory(category, readCases(CASES, category), trees);
      reports.set(category, report);
      expect(report.failures).toEqual([]);
      expect(report.passed).toBeGreaterThan(300);
    },
  );

  it("are as many as docs/compatibility.md says", () => {
    const document = readFileSync(
      fileURLToPath(new URL("../../../docs/compatibility.md", import.meta.url)),
      "utf8",
    );
    const inOrder = [...reports.values()].sort((a, b) => (a.category < b.category ? -1 : 1));
    expect(document).toBe(withTable(document, conformanceTable(inOrder)));
  });
});

describe("the recorded answers of Hydra 1.4 and OmegaConf 2.4", () => {
  const trees = readTrees(CASES_14);
  const reports: CategoryReport[] = [];

  it.each(Object.keys(ADAPTERS))(
    "are ours too under versionBase 1.4: %s",
    { timeout: 300_000 },
    async (category) => {
      const report = await runCategory(category, readCases(CASES_14, category), trees);
      reports.push(report);
      expect(report.failures).toEqual([]);
      expect(report.passed).toBeGreaterThan(50);
    },
  );

  it("are as many as docs/compatibility.md says, which names what is left out", () => {
    const document = readFileSync(
      fileURLToPath(new URL("../../../docs/compatibility.md", import.meta.url)),
      "utf8",
    );
    const inOrder = reports.toSorted((a, b) => (a.category < b.category ? -1 : 1));
    expect(document).toBe(withTable(document, conformanceTable(inOrder), "1.4"));
    const excluded = inOrder.flatMap((report) => Object.entries(report.excluded));
    for (const [name, count] of excluded) expect(document).toContain(`| \`${name}\` | ${count} |`);
  });
});

it("Hydra's own config files are those of Hydra 1.3", () => {
  const { files } = JSON.parse(readText(CASES, "hydra_builtin.json")) as { files: Record<string, string> };
  const source = hydraSource();
  expect(Object.keys(files).length).toBeGreaterThan(5);
  for (const [file, text] of Object.entries(files))
    expect([file, source.read(file)?.text]).toEqual([file, text]);
});
