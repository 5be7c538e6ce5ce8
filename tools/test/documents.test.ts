import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Markdown files of the repository, without what packages are installed from. */
function documents(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return /^(node_modules|dist|\..+|golden|site-packages)$/.test(entry.name) ? [] : documents(path);
    return entry.name.endsWith(".md") ? [relative(ROOT, path)] : [];
  });
}

/** Relative links of a document, without the heading that they lead to. */
function linksOf(text: string): string[] {
  const withoutCode = text.replace(/```[\s\S]*?```/g, "");
  return [...withoutCode.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!.split("#")[0]!)
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}

describe("the documents of the repository", () => {
  it.each(documents(ROOT))("%s has no dead link", (file) => {
    const links = linksOf(readFileSync(join(ROOT, file), "utf8"));
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(file), link)))).toEqual([]);
  });

  it("name only files that are there, where they tell a contributor where to go", () => {
    for (const file of ["CONTRIBUTING.md", "ARCHITECTURE.md"]) {
      const text = readFileSync(join(ROOT, file), "utf8");
      const named = [...text.matchAll(/`((?:packages|conf|docs|examples|python|tools)\/[\w./-]+)`/g)];
      expect(named.length, file).toBeGreaterThan(5);
      const missing = named.map((match) => match[1]!).filter((path) => !existsSync(join(ROOT, path)));
      expect(missing, file).toEqual([]);
    }
  });
});
