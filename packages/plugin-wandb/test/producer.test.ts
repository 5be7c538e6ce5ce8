import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
// Inside: a bundle around the package cannot be made through its door.
import { producer } from "../src/run/producer.js";

describe("the producer that the log names", () => {
  const directory = mkdtempSync(join(tmpdir(), "episcope-producer-"));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("has the version in the package.json of the package", () => {
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(producer()).toBe(`episcope ${manifest.version}`);
  });

  it("has the version of the program that bundles it, past a package.json without one and one that is damaged", () => {
    const bundle = join(directory, "dist", "chunks");
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(directory, "package.json"), '{"name":"program","version":"7.8.9"}');
    writeFileSync(join(directory, "dist", "package.json"), '{"type":"module"}');
    writeFileSync(join(bundle, "package.json"), "{");
    expect(producer(pathToFileURL(join(bundle, "main.js")).href)).toBe("episcope 7.8.9");
  });
});
