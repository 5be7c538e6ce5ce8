import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, describe, expect, it } from "vitest";

const doors = ["index", "tree", "yaml", "override", "errors"];
const output = mkdtempSync(join(tmpdir(), "episcope-config-bundle-"));
afterAll(() => rmSync(output, { recursive: true, force: true }));

async function bundle(door: string): Promise<{ code: string; imports: readonly string[] }> {
  const built = await rolldown({
    input: fileURLToPath(new URL(`../src/${door}.ts`, import.meta.url)),
    platform: "browser",
    resolve: { conditionNames: ["@episcope/source", "browser", "import"] },
    logLevel: "silent",
  });
  const result = await built.write({ format: "esm", file: join(output, `${door}.mjs`) });
  await built.close();
  return {
    code: result.output.map((chunk) => ("code" in chunk ? chunk.code : "")).join("\n"),
    imports: result.output.flatMap((chunk) => ("imports" in chunk ? chunk.imports : [])),
  };
}

describe("a bundle for a browser", () => {
  it.each(doors)("of %s needs nothing of Node.js", async (door) => {
    const { code, imports } = await bundle(door);
    expect(imports).toEqual([]);
    expect(code).not.toMatch(/["']node:/);
    expect(code).not.toMatch(/\bprocess\.(?:env|cwd|argv|stdout)|\bBuffer\.(?:from|alloc)/);
  });

  it("composes", async () => {
    await bundle("index");
    const module = (await import(
      pathToFileURL(join(output, "index.mjs")).href
    )) as typeof import("../src/index.js");
    const source = module.memorySource({ "config.yaml": "a: 1\nb: ${a}\n" });
    const { config } = await module.compose({ source, name: "config", overrides: ["a=2"] });
    expect(config).toEqual({ a: 2, b: 2 });
  });
});
