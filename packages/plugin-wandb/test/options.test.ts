import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { presetDirectory } from "@episcope/core";
import { expect, it } from "vitest";
import { WANDB_OPTIONS_SCHEMA } from "../src/index.js";

const keys = Object.keys(WANDB_OPTIONS_SCHEMA["properties"] as object);

it("the presets have every key of the options, and no other", async () => {
  const { config } = await compose<{ logging: { wandb: object } }>({
    source: fileSource(presetDirectory()),
    name: "config",
  });
  const { _target_, enabled, ...options } = config.logging.wandb as { _target_: string; enabled: boolean };
  expect([_target_, enabled]).toEqual(["wandb", false]);
  expect(Object.keys(options).sort()).toEqual([...keys].sort());
});

it("every key is read by code", () => {
  const src = fileURLToPath(new URL("../src/", import.meta.url));
  const code = readdirSync(src)
    .filter((name) => name !== "options.ts")
    .map((name) => readFileSync(src + name, "utf8"))
    .join("\n");
  expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(code))).toEqual([]);
});
