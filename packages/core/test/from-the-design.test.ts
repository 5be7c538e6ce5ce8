import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseYaml } from "@episcope/config/yaml";
import { describe, expect, it } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const PAGE = readFileSync(join(ROOT, "docs", "from-the-design.md"), "utf8");

/** Parts of the design that each need a section, and how many rows they have at least. */
const SECTIONS: readonly (readonly [title: string, rows: number])[] = [
  ["Components", 9],
  ["Configuration groups", 11],
  ["1. EpisodeConfig and EpisodeManager", 11],
  ["2. AsyncLoggerConfig and AsyncLogger", 9],
  ["3. WandbConfig and WandbIntegration", 15],
  ["4. VisualizationConfig and the visualizer", 12],
  ["5. Structured logging", 8],
  ["Data models", 9],
  ["Errors", 4],
  ["PerformanceMonitor", 3],
  ["Test categories", 17],
  ["Implementation notes", 12],
];

interface Row {
  readonly section: string;
  readonly design: string;
  readonly here: string;
  readonly proof: string;
}

function rows(): Row[] {
  const found: Row[] = [];
  let section = "";
  for (const line of PAGE.split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3);
    if (!line.startsWith("| ") || line.startsWith("| in the design")) continue;
    const cells = line.slice(2, -2).split(" | ");
    const [design = "", here = "", proof = ""] = cells;
    expect(cells.length, line).toBeLessThanOrEqual(3);
    found.push({ section, design, here, proof: proof.trim() });
  }
  return found;
}

function sourceOf(path: string): string {
  const file = join(ROOT, path);
  expect(existsSync(file), `${path} exists`).toBe(true);
  return readFileSync(file, "utf8");
}

function expectName(path: string, name: string): void {
  const text = sourceOf(path);
  if (path.endsWith(".yaml")) {
    let node: unknown = parseYaml(text);
    for (const key of name.split(".")) {
      expect(node instanceof Map && node.has(key), `${path} has ${name}`).toBe(true);
      node = (node as Map<string, unknown>).get(key);
    }
    return;
  }
  const [owner, method] = name.split(".") as [string, string | undefined];
  const declared = new RegExp(
    `^export (?:abstract )?(?:async )?(?:class|interface|type|const|function\\*?) ${owner}\\b`,
    "m",
  );
  expect(text, `${path} exports ${owner}`).toMatch(declared);
  if (method === undefined) return;
  const body = text.slice(text.search(declared));
  const end = body.indexOf("\n}");
  expect(body.slice(0, end), `${owner} in ${path} has ${method}`).toMatch(
    new RegExp(`^  (?:async )?${method}(?:<[^>]*>)?\\(`, "m"),
  );
}

describe("docs/from-the-design.md", () => {
  it("has a row for every part of the design", () => {
    const all = rows();
    for (const [title, least] of SECTIONS) {
      expect(all.filter(({ section }) => section === title).length, title).toBeGreaterThanOrEqual(least);
    }
  });

  it("says of every part where it is, or which issue brings it", () => {
    for (const { design, here } of rows()) {
      expect(here, design).toMatch(
        /`[^`]+\.(?:ts|yaml|mjs)(?:#[\w.]+)?`|to come: (?:issue \d+|the issue on)/,
      );
    }
  });

  it("names only what exists", () => {
    for (const { here } of rows()) {
      for (const [, path, name] of here.matchAll(/`((?:packages|conf|tools)\/[^`#]+)(?:#([\w.]+))?`/g)) {
        if (name === undefined) sourceOf(path!);
        else expectName(path!, name);
      }
    }
  });

  it("names only tests that exist", () => {
    for (const { proof } of rows()) {
      const named = /^`([^`]+)` "(.+)"$/.exec(proof);
      if (named === null) {
        expect(proof).toMatch(/^$|^to come: /);
        continue;
      }
      const [, path, title] = named as unknown as [string, string, string];
      expect(sourceOf(path), `${path} has a test "${title}"`).toContain(`"${title}"`);
    }
  });
});
