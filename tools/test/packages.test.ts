import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publicPackages, ROOT } from "../pack/packages.mjs";

interface Manifest {
  readonly version: string;
  readonly [field: string]: unknown;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
const root = readManifest(".");
const packages = publicPackages();
const workspaces = [
  ".",
  "tools",
  "examples",
  ...readdirSync(join(ROOT, "packages")).map((folder) => `packages/${folder}`),
].filter((folder) => existsSync(join(ROOT, folder, "package.json")));
const DEPENDENCIES = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;

describe.each(packages)("$name", ({ directory, manifest }) => {
  const read = (file: string): string => readFileSync(join(directory, file), "utf8");

  it("ships the licence of the repository, and a README", () => {
    expect(read("LICENSE")).toBe(readFileSync(join(ROOT, "LICENSE"), "utf8"));
    expect(read("README.md")).toMatch(new RegExp(`^# ${manifest.name}\n`));
  });

  it("says what it is, for whom, and under which licence", () => {
    expect(manifest).toMatchObject({
      version: root.version,
      license: expect.stringMatching(/^MIT\b/),
      description: expect.stringMatching(/\S/),
      keywords: expect.arrayContaining(["episcope"]),
      engines: root.engines,
      type: "module",
    });
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "!dist/.tsbuildinfo"]));
  });

  it("has a source file behind every door, and behind every side effect", () => {
    const doors: unknown[] = Object.values(manifest.exports);
    for (const door of doors) {
      if (typeof door === "string") continue;
      const { "@episcope/source": source, types, default: built } = door as Record<string, string>;
      expect(existsSync(join(directory, source!)), source).toBe(true);
      const path = source!.replace(/^\.\/src\/(.*)\.ts$/, "./dist/$1");
      expect([types, built]).toEqual([`${path}.d.ts`, `${path}.js`]);
    }
    for (const built of manifest.sideEffects === false ? [] : manifest.sideEffects) {
      const source = built.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts");
      expect(existsSync(join(directory, source)), source).toBe(true);
    }
  });
});

describe("the manifests", () => {
  it.each(workspaces)(
    "of %s name exact versions, and of our own packages the one of the repository",
    (folder) => {
      const manifest = readManifest(folder);
      expect(manifest.version).toBe(root.version);
      for (const group of DEPENDENCIES) {
        for (const [name, version] of Object.entries(manifest[group] ?? {})) {
          expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
          if (name.startsWith("@episcope/")) expect(version, name).toBe(root.version);
        }
      }
    },
  );

  it("make a bill of materials", () => {
    const { status, stdout, stderr } = spawnSync("npm", ["sbom", "--sbom-format", "cyclonedx"], {
      maxBuffer: 1 << 26,
      cwd: ROOT,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    expect([status, stderr]).toEqual([0, ""]);
    const names = JSON.parse(stdout).components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["ajv", "h5wasm", "tapable"]));
  });
});

describe("the sources", () => {
  it("name no version of the program that package.json does not have", () => {
    const wrong: string[] = [];
    for (const { name, directory } of packages) {
      for (const file of readdirSync(join(directory, "src"), { recursive: true }).map(String)) {
        if (!file.endsWith(".ts")) continue;
        const text = readFileSync(join(directory, "src", file), "utf8");
        for (const [literal, version] of text.matchAll(/["'`]episcope (\d[\d.]*)["'`]/g))
          if (!`${root.version}.`.startsWith(`${version}.`)) wrong.push(`${name} ${file}: ${literal}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
