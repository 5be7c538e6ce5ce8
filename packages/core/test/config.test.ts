import { join } from "node:path";
import { composeSync, memorySource } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { presetConfig } from "@episcope/testing/preset-config";
import { testConfig } from "@episcope/testing/run-config";
import { describe, expect, it } from "vitest";
// Inside: the table of a level's pictures; a run shows what comes of it.
import { drawingPlan } from "../src/config/trigger.js";
import { checkCombinations, checkConfig, createDebugConfig, debugConfigToOverrides } from "../src/index.js";

const PRESETS = join(import.meta.dirname, "../../../conf");
const messageOf = (action: () => unknown): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};
const facts = { cwd: "/project" };
const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("checkConfig", () => {
  it("names every wrong key with what is allowed, all at once", () => {
    const config = testConfig() as unknown as { visualization: object; storage: object };
    const wrong = {
      ...config,
      visualization: { ...config.visualization, debug_level: "loud", colour: "red" },
      storage: { ...config.storage, max_storage_gb: "much" },
    };
    expect(() => checkConfig(wrong)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        fields: {
          problems: expect.arrayContaining(
            [
              "'visualization.colour' is not a known key",
              "'visualization.debug_level' is 'loud', but must be one of off, minimal, standard, verbose, full",
              "'storage.max_storage_gb' is 'much', but must be of type number",
            ].map((message) => expect.objectContaining({ message })),
          ),
        },
      }),
    );
  });
});

describe("checkConfig of a composition's config", () => {
  it("says in which file and line, or in which override, the value was written, and what was probably meant", () => {
    const { config } = composeSync({
      source: [
        fileSource(PRESETS),
        memorySource({ "mine.yaml": "defaults: [config]\nstorage:\n  max_storage_gb: much\n" }),
      ],
      name: "mine",
      overrides: ["+logging.log_levle=INFO"],
    });
    expect(messageOf(() => checkConfig(config))).toBe(
      [
        "the config is not valid:",
        "  'logging.log_levle' is not a known key; did you mean 'log_level'? (override +logging.log_levle=INFO)",
        "  'storage.max_storage_gb' is 'much', but must be of type number (mine.yaml:3)",
      ].join("\n"),
    );
  });

  it("says the same of a copy, without the places", () => {
    const { config } = composeSync({
      source: fileSource(PRESETS),
      name: "config",
      overrides: ["storage.max_storage_gb=much"],
    });
    expect(messageOf(() => checkConfig(structuredClone(config)))).toBe(
      "the config is not valid:\n  'storage.max_storage_gb' is 'much', but must be of type number",
    );
  });
});

describe("checkCombinations", () => {
  it.each([
    [{ storage: { fallback_dir: "outputs/spare" } }, "CONFIG_COMBINATION"],
    [{ storage: { fallback_dir: "/project/outputs" } }, "CONFIG_COMBINATION"],
    [{ storage: { episode_dir_format: "same" } }, "NAME_FORMAT_INVALID"],
    [{ storage: { step_file_format: "a/{step}" } }, "NAME_INVALID"],
    [{ storage: { cleanup_policy: "never" } }, "NODE_UNKNOWN"],
    [{ logging: { log_format: "xml" } }, "NODE_UNKNOWN"],
    [{ logging: { log_format: "none" } }, undefined],
    [{ visualization: { output_formats: ["jpeg"] } }, "NODE_UNKNOWN"],
    [{ storage: { fallback_dir: "outputs2" } }, undefined],
  ])("%j gives %s", (changes, code) => {
    expect(codeOf(() => checkCombinations(testConfig(changes), facts))).toBe(code);
  });

  it("says nothing of more threads than processors: as many draw as there are processors", () => {
    const config = testConfig({ logging: { async_logger: { worker_threads: 4000 } } });
    expect(checkCombinations(config, facts)).toEqual([]);
  });

  it("warns of a storage limit that one episode of the level would pass", () => {
    const limit = (max_storage_gb: number, debug_level: "minimal" | "verbose") =>
      checkCombinations(
        testConfig({
          visualization: { debug_level, output_formats: ["svg"], renderers: { svg: { _target_: "svg" } } },
          storage: { max_storage_gb },
        }),
        facts,
      );
    expect(limit(0.0005, "verbose")).toEqual([
      expect.stringMatching(/max_storage_gb=0.0005 .* about 0\.82 MB .*debug_level=verbose/),
    ]);
    expect(limit(0.0005, "minimal")).toEqual([]);
    expect(limit(0.001, "verbose")).toEqual([]);
  });

  it.each(["debug_off", "debug_minimal", "debug_standard", "debug_verbose", "debug_full"])(
    "has nothing against %s with any preset of logging and storage",
    (level) => {
      for (const logging of ["local_only", "wandb_basic", "wandb_full"]) {
        for (const storage of ["development", "research", "production"]) {
          const config = presetConfig([`visualization=${level}`, `logging=${logging}`, `storage=${storage}`]);
          expect(checkCombinations(checkConfig(config), { cwd: "/project" })).toEqual([]);
        }
      }
    },
  );

  it("knows no key that nothing reads yet", () => {
    const config = testConfig() as unknown as { visualization: object };
    const early = { ...config, visualization: { ...config.visualization, analysis_report: true } };
    expect(() => checkConfig(early)).toThrow("'visualization.analysis_report' is not a known key");
  });
});

describe("debug_level", () => {
  it.each([
    ["off", { steps: "none", summary: false, stateDumps: false }],
    ["minimal", { steps: "none", summary: true, stateDumps: false }],
    ["standard", { steps: "key", summary: true, stateDumps: false }],
    ["verbose", { steps: "all", summary: true, stateDumps: false }],
    ["full", { steps: "all", summary: true, stateDumps: true }],
  ] as const)("%s draws as the table says", (debug_level, plan) => {
    expect(drawingPlan(testConfig({ visualization: { debug_level } }).visualization)).toEqual(plan);
  });

  it("gives way to a key that says something else for one thing", () => {
    const { visualization } = testConfig({
      visualization: {
        debug_level: "full",
        step_pictures: "key",
        summary_picture: false,
        state_dumps: false,
      },
    });
    expect(drawingPlan(visualization)).toEqual({ steps: "key", summary: false, stateDumps: false });
  });
});

describe("debugConfigToOverrides", () => {
  it("has the defaults of the original design, which compose", () => {
    const overrides = debugConfigToOverrides(createDebugConfig({ maxEpisodes: 7 }));
    expect(overrides).toContain("visualization.debug_level='standard'");
    const { storage, visualization, logging } = presetConfig(overrides);
    expect(storage).toMatchObject({
      ...{ base_output_dir: "outputs/debug", max_episodes_per_run: 7 },
      ...{ cleanup_policy: "size_based", max_storage_gb: 5 },
    });
    expect(visualization).toMatchObject({
      ...{ debug_level: "standard", output_formats: ["svg"], color_scheme: "default" },
      ...{ show_coordinates: false, show_operation_names: true, highlight_changes: true },
    });
    expect(logging.async_logger.queue_size).toBe(1000);
  });

  it("gives overrides that compose to what was said, hostile texts too", () => {
    const outputDir = "out's \\ and, [more]=${x} \\";
    const overrides = debugConfigToOverrides({
      level: "off",
      outputDir,
      formats: ["svg", "png"],
      maxEpisodes: 7,
      cleanupPolicy: "manual",
      maxStorageGb: 0.5,
      asyncLogging: false,
      queueSize: 12,
      colorScheme: "colorblind",
      logging: "wandb_basic",
      wandb: { project_name: "p", tags: ["a", "b"], entity: null },
    });
    const withoutInterpolation = overrides.map((text) => text.replace("${x}", "x"));
    const { visualization, logging, storage } = checkConfig(presetConfig(withoutInterpolation));
    expect(visualization).toMatchObject({
      debug_level: "off",
      output_formats: ["svg", "png"],
      color_scheme: "colorblind",
    });
    expect(storage).toMatchObject({
      base_output_dir: outputDir.replace("${x}", "x"),
      max_episodes_per_run: 7,
      cleanup_policy: "manual",
      max_storage_gb: 0.5,
    });
    expect(logging.async_logger).toMatchObject({ worker_threads: 0, queue_size: 12 });
    expect(logging).toMatchObject({
      wandb: { enabled: true, project_name: "p", tags: ["a", "b"], entity: null },
    });
  });
});
