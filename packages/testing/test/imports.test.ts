import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const PACKAGES = join(import.meta.dirname, "../..");
const EXAMPLES = join(PACKAGES, "../docs/examples");

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | { readonly "@episcope/source"?: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Source {
  /** Relative to `packages/`. */
  readonly file: string;
  readonly root: string;
  readonly text: string;
  readonly specifiers: readonly string[];
}

const manifests = readdirSync(PACKAGES)
  .filter((name) => existsSync(join(PACKAGES, name, "package.json")))
  .map((name) => {
    const root = join(PACKAGES, name);
    return { root, manifest: JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest };
  });

function sourcesIn(folder: "src" | "test"): Source[] {
  return manifests.flatMap(({ root }) => {
    if (!existsSync(join(root, folder))) return [];
    return readdirSync(join(root, folder), { recursive: true })
      .map((name) => join(root, folder, String(name)))
      .filter((path) => /\.(?:ts|mjs|js)$/.test(path))
      .map((path) => {
        const text = readFileSync(path, "utf8");
        const imports = text.matchAll(
          /^(?:import|export|\} from)\b.*?"([^"\n]+)";?$|\bimport\("([^"\n]+)"\)/gm,
        );
        const specifiers = [...imports].map(([, fixed, dynamic]) => (fixed ?? dynamic)!);
        return { file: relative(PACKAGES, path), root, text, specifiers };
      });
  });
}

const tests = sourcesIn("test");
const sources = sourcesIn("src");

/** What a relative import names, as a path; undefined for the name of a package. */
function fileOf(source: Source, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return resolve(PACKAGES, dirname(source.file), specifier.replace(/\.js$/, ".ts"));
}

it("no file reaches into another package, nor into tools: it imports what packages export", () => {
  const leaving = [...sources, ...tests].flatMap((source) =>
    source.specifiers
      .filter((specifier) => {
        const file = fileOf(source, specifier);
        // The examples of the documents are run by the tests of what they show.
        return file !== undefined && !file.startsWith(`${source.root}/`) && !file.startsWith(`${EXAMPLES}/`);
      })
      .map((specifier) => `${source.file}: ${specifier}`),
  );
  expect(leaving).toEqual([]);
});

it("what is published imports nothing of what tests share", () => {
  const using = sources
    .filter(({ root }) => root !== join(PACKAGES, "testing"))
    .filter(({ specifiers }) => specifiers.some((name) => name.startsWith("@episcope/testing")));
  expect(using.map(({ file }) => file)).toEqual([]);
  const depending = manifests.filter(
    ({ manifest }) => manifest.dependencies?.["@episcope/testing"] !== undefined,
  );
  expect(depending.map(({ manifest }) => manifest.name)).toEqual([]);
});

it("tests go through the doors of their package, or say in a line that begins with 'Inside:' why not", () => {
  const doors = new Set(
    manifests.flatMap(({ root, manifest }) =>
      Object.values(manifest.exports ?? {}).map((door) =>
        join(root, typeof door === "string" ? door : (door["@episcope/source"] ?? "")),
      ),
    ),
  );
  const inside = tests.filter(
    (source) =>
      !/^ *\/\/ Inside: \S/m.test(source.text) &&
      source.specifiers.some((specifier) => {
        const file = fileOf(source, specifier);
        return file?.startsWith(join(source.root, "src/")) && !doors.has(file);
      }),
  );
  expect(inside.map(({ file }) => file)).toEqual([]);
});

it("finds the imports that these rules are about", () => {
  const count = (files: readonly Source[]) => files.flatMap(({ specifiers }) => specifiers).length;
  expect(count(tests)).toBeGreaterThan(300);
  expect(count(sources)).toBeGreaterThan(1000);
  expect(tests.flatMap(({ specifiers }) => specifiers)).toContain("@episcope/testing/run-config");
});
