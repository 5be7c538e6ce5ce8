import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { scene } from "./fixtures/readme.js";

const SOURCE = new URL("../src/", import.meta.url);

/** Text of each source file, by its path below `src`. */
const SOURCES = readdirSync(SOURCE, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => [file, readFileSync(new URL(file, SOURCE), "utf8")] as const);

/** Packages without any `node:` module. */
const PURE: readonly string[] = ["@episcope/records", "@episcope/errors"];

describe("the package", () => {
  it("runs in a browser: it imports its own files, records and errors, nothing else", () => {
    expect(SOURCES.length).toBeGreaterThan(30);
    const foreign = SOURCES.flatMap(([file, text]) =>
      [...text.matchAll(/ from "([^"]+)"/g)]
        .map(([, specifier]) => specifier as string)
        .filter((specifier) => !specifier.startsWith(".") && !PURE.includes(specifier))
        .map((specifier) => `${file}: ${specifier}`),
    );
    expect(foreign).toEqual([]);
  });

  it("knows no clock and no chance", () => {
    for (const [file, text] of SOURCES) {
      expect(text, file).not.toMatch(/\bDate\b|Math\.random|performance\.|process\.|globalThis/);
    }
  });

  it("does what its README shows", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const shown = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
    const run = readFileSync(new URL("./fixtures/readme.ts", import.meta.url), "utf8");
    expect(
      run.replace("export const scene", "const scene").replace("../../src/index.js", "@episcope/drawing"),
    ).toBe(shown);
    expect(scene.title).toBe("Task demo");
  });
});
