import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, readText, trackedFiles } from "./repository.js";

const documents = trackedFiles().filter((file) => file.endsWith(".md"));

/** Text of a document without its code, where brackets are no links. */
function prose(file: string): string {
  return readText(file)
    .replace(/^```[\s\S]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "");
}

/** The anchors that a document's headings have, as the usual viewers make them. */
function anchors(file: string): string[] {
  return [...prose(file).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the documents", () => {
  it.each(documents)("%s links to what exists", (file) => {
    const broken: string[] = [];
    for (const [, target] of prose(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [path, anchor] = target!.split("#") as [string, string?];
      const found = path === "" ? file : normalize(join(dirname(file), decodeURIComponent(path)));
      const isThere = !found.startsWith("..") && existsSync(join(ROOT, found));
      const hasAnchor =
        anchor === undefined || (found.endsWith(".md") && isThere && anchors(found).includes(anchor));
      if (!isThere || !hasAnchor) broken.push(target!);
    }
    expect(broken).toEqual([]);
  });
});

describe("the repository", () => {
  // Put together here, so that this file does not hold what it looks for.
  const forbidden = [
    ["a home directory", new RegExp(`(?<![\\w.])/(?:home|Users)/${"\\w"}+/`)],
    ["a folder of the workplace", new RegExp(["", "work", "(?:main|shared|\\.library)\\b"].join("/"))],
    ["a registry's host", new RegExp(`"resolved": "https?://(?!${"registry.npmjs"}\\.org/)`)],
    ["a private address", /https?:\/\/(?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d/],
  ] as const;

  it.each(forbidden)("holds %s nowhere", (_, pattern) => {
    const found = trackedFiles().filter((file) => {
      const path = join(ROOT, file);
      if (!statSync(path).isFile()) return false;
      return pattern.test(readFileSync(path, "latin1"));
    });
    expect(found).toEqual([]);
  });

  it.each(["CONTRIBUTING.md", "ARCHITECTURE.md"])("%s names only files that are there", (file) => {
    const paths = readText(file).matchAll(/`((?:packages|conf|docs|examples|python|tools)\/[\w./-]+)`/g);
    const named = [...paths].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
