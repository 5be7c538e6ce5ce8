import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { presetConfig } from "@episcope/testing/preset-config";
import { expect, it } from "vitest";
import { WANDB_OPTIONS_SCHEMA } from "../src/index.js";

const keys = Object.keys(WANDB_OPTIONS_SCHEMA["properties"] as object);

it("the presets have every key of the options, and no other", () => {
  // Core knows only that the node is some plugin's.
  const { wandb } = presetConfig().logging as unknown as { wandb: Record<string, unknown> };
  const { _target_, enabled, ...options } = wandb;
  expect([_target_, enabled]).toEqual(["wandb", false]);
  expect(Object.keys(options).sort()).toEqual([...keys].sort());
});

it("every key is read by code", () => {
  const src = fileURLToPath(new URL("../src/", import.meta.url));
  const code = readdirSync(src, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && name !== "options.ts")
    .map((name) => readFileSync(src + name, "utf8"))
    .join("\n");
  expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(code))).toEqual([]);
});
