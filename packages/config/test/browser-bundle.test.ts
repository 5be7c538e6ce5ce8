import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

const entry = fileURLToPath(new URL("../src/index.ts", import.meta.url));

test("the composing part bundles for a browser without any node: module", async () => {
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    resolve: { conditionNames: ["@episcope/source", "browser", "import"] },
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const code = output.map((chunk) => ("code" in chunk ? chunk.code : "")).join("\n");
  expect(output.flatMap((chunk) => ("imports" in chunk ? chunk.imports : []))).toEqual([]);
  expect(code).not.toMatch(/["']node:/);
  expect(code).not.toMatch(/\bprocess\.(?:env|cwd|argv|stdout)|\bBuffer\.(?:from|alloc)/);
  // The bundle is a module that works: it composes.
  const module = (await import(
    `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
  )) as typeof import("../src/index.js");
  const source = module.memorySource({ "config.yaml": "a: 1\nb: ${a}\n" });
  expect((await module.compose({ source, name: "config", overrides: ["a=2"] })).config).toEqual({
    a: 2,
    b: 2,
  });
});
