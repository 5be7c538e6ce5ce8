import { describe, expect, it } from "vitest";
import { packageSources, readText } from "./repository.js";

const CODE = "[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+";

/** First source file of each code that an error is made with. */
function codesInSource(): Map<string, string> {
  const codes = new Map<string, string>();
  for (const [file, text] of packageSources()) {
    // Where errors are made by functions of their own, a code may go through another one.
    const made = /errors\.ts$/.test(file)
      ? text.matchAll(new RegExp(`(?:[(?:]|return)\\s*"(${CODE})"`, "g"))
      : text.matchAll(new RegExp(`\\bnew \\w*Error\\(\\s*"(${CODE})"`, "g"));
    for (const [, code] of made) if (!codes.has(code!)) codes.set(code!, file);
  }
  return codes;
}

const rows = readText("docs/errors.md")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split(" | "));
const documented = rows.flatMap(([cell]) => [...cell!.matchAll(/`([A-Z0-9_]+)`/g)].map((match) => match[1]!));

describe("docs/errors.md", () => {
  it("has a row for every code in the sources", () => {
    const codes = codesInSource();
    expect(codes.size).toBeGreaterThan(120);
    expect([...codes].filter(([code]) => !documented.includes(code))).toEqual([]);
  });

  it("has no row for a code that is nowhere in the sources", () => {
    const sources = [...packageSources().values()].join("\n");
    expect(documented.filter((code) => !sources.includes(`"${code}"`))).toEqual([]);
  });

  it("says of each code once when it comes and how to mend it", () => {
    expect(documented.filter((code, index) => documented.indexOf(code) !== index)).toEqual([]);
    const incomplete = rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell.trim() === ""));
    expect(incomplete).toEqual([]);
  });
});
