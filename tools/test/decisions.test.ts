import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const FOLDER = new URL("../../docs/decisions/", import.meta.url);
const files = readdirSync(FOLDER)
  .filter((file) => file !== "README.md")
  .sort();

describe("the decision records", () => {
  it("are numbered without a gap", () => {
    expect(files.map((file) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]))).toEqual(
      files.map((_, index) => index + 1),
    );
  });

  it.each(files)("%s has its number, a status and a date, and is in the index", (file) => {
    const [heading, , status] = readFileSync(new URL(file, FOLDER), "utf8").split("\n");
    const [, number, title] = /^# (\d+)\. (.+)$/.exec(heading!) ?? [];
    expect(Number(number)).toBe(Number(file.slice(0, 4)));
    const pattern = /^(Accepted|Superseded by \[\d{4}\]\([^)]+\)), (\d{4}-\d\d-\d\d)[.;]/;
    expect(status).toMatch(pattern);
    const [, word, date] = pattern.exec(status!)!;
    const index = readFileSync(new URL("README.md", FOLDER), "utf8");
    expect(index).toContain(
      `| [${file.slice(0, 4)}](${file}) | ${title} | ${date} | ${word!.replace(/^./, (first) => first.toLowerCase())}`,
    );
  });
});
