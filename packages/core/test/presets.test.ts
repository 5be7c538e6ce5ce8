import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { describe, expect, it } from "vitest";
import { CONFIG_SCHEMA, checkCombinations, checkConfig, type JsonSchema } from "../src/index.js";

const ROOT = join(import.meta.dirname, "../../..");
const source = fileSource(join(ROOT, "conf"));
const options = (group: string) =>
  readdirSync(join(ROOT, "conf", group))
    .map((name) => name.replace(".yaml", ""))
    .filter((name) => name !== "base");

const composed = async (name: string, overrides: string[] = []) =>
  (await compose({ source, name, overrides, now: new Date(0) })).config as Record<string, unknown>;

describe("the preset tree", () => {
  const combinations = options("visualization").flatMap((visualization) =>
    options("logging").flatMap((logging) =>
      options("storage").map((storage) => [visualization, logging, storage]),
    ),
  );

  it("has 5 x 5 x 3 combinations, two of logging beyond the original design's", () => {
    expect(combinations).toHaveLength(75);
  });

  it.each(combinations)("composes and validates with %s, %s, %s", async (visualization, logging, storage) => {
    const config = await composed("config", [
      `visualization=${visualization}`,
      `logging=${logging}`,
      `storage=${storage}`,
    ]);
    expect(() => checkCombinations(checkConfig(config), { cwd: "/" })).not.toThrow();
  });

  it("gives the defaults of the original design", async () => {
    const { visualization, logging, storage } = checkConfig(
      await composed("config", ["storage.base_output_dir=outputs/episodes"]),
    );
    expect(visualization).toMatchObject({
      debug_level: "standard",
      output_formats: ["svg"],
      image_quality: "high",
    });
    expect(logging).toMatchObject({
      structured_logging: true,
      log_format: "json",
      include_full_states: false,
    });
    expect(logging).toMatchObject({
      wandb: { enabled: false, project_name: "jaxarc-experiments", log_frequency: 10 },
    });
    expect(storage).toMatchObject({
      episode_dir_format: "episode_{episode:04d}",
      step_file_format: "step_{step:03d}",
    });
  });

  it("has a level that is quoted, because plain off is a boolean", async () => {
    const { visualization } = checkConfig(await composed("config", ["visualization=debug_off"]));
    expect(visualization.debug_level).toBe("off");
    const wrong = await composed("config", ["visualization.debug_level=false"]);
    expect(() => checkConfig(wrong)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("write 'off' in quotes") }),
    );
  });

  it.each(["play", "record"])("has a primary config for %s that holds the groups", async (name) => {
    expect(Object.keys(await composed(name))).toEqual(
      expect.arrayContaining(["visualization", "logging", "storage"]),
    );
  });
});

describe("every key of the schemas", () => {
  const leaves = [...keysOf(CONFIG_SCHEMA, "")];

  it("stands in the base presets, and no other does", async () => {
    const config = await composed("config");
    const present = ["visualization", "logging", "storage"].flatMap((group) => [
      ...leavesOf(config[group], group),
    ]);
    expect(present.sort()).toEqual(leaves.sort());
  });

  it("is read by code", () => {
    const code = ["core", "records", "plugin-svg", "plugin-png", "drawing"]
      .flatMap((name) => sources(join(ROOT, "packages", name, "src")))
      .filter((path) => !/config\/(schema|types)\.ts$|view\/view\.ts$|episode-config\.ts$/.test(path))
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
    const unread = leaves.filter((key) => !new RegExp(`\\b${key.split(".").at(-1)}\\b`).test(code));
    expect(unread).toEqual([]);
  });
});

/** Dotted keys of a schema's leaves; maps of plugin nodes are leaves. */
function* keysOf(schema: JsonSchema, path: string): Generator<string> {
  const properties = schema["properties"] as { [key: string]: JsonSchema } | undefined;
  if (properties === undefined) yield path;
  else
    for (const [key, child] of Object.entries(properties))
      yield* keysOf(child, path === "" ? key : `${path}.${key}`);
}

/** Dotted keys of a config's leaves. A node that names its plugin is left out: its keys are checked where the plugin is. */
function* leavesOf(value: unknown, path: string): Generator<string> {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isMap && "_target_" in value) return;
  if (!isMap || /\.(renderers|formats|sinks|policies)$/.test(path)) yield path;
  else for (const [key, child] of Object.entries(value)) yield* leavesOf(child, `${path}.${key}`);
}

function sources(dir: string): string[] {
  return readdirSync(dir, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(dir, name));
}
