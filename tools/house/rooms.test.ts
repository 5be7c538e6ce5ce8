import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
const IMPORT = /\b(?:from|import)\s*\(?\s*"([^"]+)"/g;
/** No folder holds more files than a reader takes in at a glance. */
const MOST_FILES = 22;

/** The rows of the table behind a marker: the names between backticks of its first two columns. */
function table(marker: string): Map<string, readonly string[]> {
  const rows = new Map<string, readonly string[]>();
  for (const line of PAGE.slice(PAGE.indexOf(`<!-- ${marker} -->`))
    .split("\n")
    .slice(2)) {
    if (!line.startsWith("|")) break;
    const [, first = "", second = ""] = line.split("|");
    const names = [...second.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
    const name = /`([^`]+)`/.exec(first)?.[1];
    if (name !== undefined) rows.set(name, names);
  }
  return rows;
}

function sources(dir: string): string[] {
  return readdirSync(dir, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(dir, name));
}

function importsOf(file: string): string[] {
  const code = readFileSync(file, "utf8").replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  return [...code.matchAll(IMPORT)].map(([, name]) => name!);
}

const packages = table("packages");
const rooms = table("rooms");
const published = readdirSync(join(ROOT, "packages")).filter((name) => {
  const file = join(ROOT, "packages", name, "package.json");
  return (
    existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { private?: boolean }).private !== true
  );
});

describe("the packages", () => {
  it("are those that ARCHITECTURE.md lists, each below the ones that it imports", () => {
    expect([...packages.keys()].sort()).toEqual([...published].sort());
    const seen = new Set<string>();
    for (const [name, imports] of packages) {
      expect(
        imports.filter((other) => !seen.has(other)),
        `${name} imports a package below it`,
      ).toEqual([]);
      seen.add(name);
    }
  });

  it.each([...packages])("%s depends on exactly what the page says", (name, imports) => {
    const manifest = JSON.parse(readFileSync(join(ROOT, "packages", name, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
      peerDependencies?: Record<string, string>;
    };
    const listed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
      .filter((other) => other.startsWith("@episcope/"))
      .map((other) => other.slice("@episcope/".length));
    expect(listed.sort()).toEqual([...imports].sort());
    const used = new Set<string>();
    for (const file of sources(join(ROOT, "packages", name, "src"))) {
      for (const specifier of importsOf(file)) {
        // A plugin that is loaded from source meets the core that loads it.
        if (specifier.startsWith("@episcope/") && specifier.split("/")[1] !== name)
          used.add(specifier.split("/")[1]!);
        if (specifier.startsWith(".")) {
          const target = resolve(dirname(file), specifier);
          expect(target.startsWith(join(ROOT, "packages", name)), `${file} imports ${specifier}`).toBe(true);
        }
      }
    }
    expect([...used].sort()).toEqual([...imports].sort());
  });
});

describe("the rooms", () => {
  const folders = published.filter((name) =>
    readdirSync(join(ROOT, "packages", name, "src"), { withFileTypes: true }).some((entry) =>
      entry.isDirectory(),
    ),
  );

  it("are listed for every package that has folders", () => {
    expect([...rooms.keys()].sort()).toEqual(folders.sort());
    for (const [name, order] of rooms) {
      const found = readdirSync(join(ROOT, "packages", name, "src"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name);
      expect([...order].sort(), name).toEqual(found.sort());
    }
  });

  it.each([...rooms])("of %s: every arrow runs down", (name, order) => {
    const src = join(ROOT, "packages", name, "src");
    const wrong: string[] = [];
    for (const file of sources(src)) {
      const path = relative(src, file);
      const from = order.indexOf(path.split("/")[0]!);
      if (from < 0) continue;
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith(".")) continue;
        const target = relative(src, resolve(dirname(file), specifier));
        const to = order.indexOf(target.split("/")[0]!);
        if (to < 0 || to > from) wrong.push(`${path} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("hold at most about twenty files each", () => {
    const crowded: string[] = [];
    const visit = (dir: string): void => {
      const entries = readdirSync(dir, { withFileTypes: true });
      const files = entries.filter((entry) => entry.name.endsWith(".ts")).length;
      if (files > MOST_FILES) crowded.push(`${relative(ROOT, dir)}: ${files} files`);
      for (const entry of entries) if (entry.isDirectory()) visit(join(dir, entry.name));
    };
    for (const name of published) visit(join(ROOT, "packages", name, "src"));
    expect(crowded).toEqual([]);
  });
});
