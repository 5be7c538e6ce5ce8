import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EpiscopeError } from "@episcope/errors";
import { describe, expect, it } from "vitest";
import {
  type ComposeOptions,
  type ConfigSource,
  ConfigStore,
  composeSync,
  memorySource,
  planSweep,
  structFromSchema,
} from "../src/index.js";
import { fileSource } from "../src/node.js";

function refusal(run: () => unknown): EpiscopeError {
  try {
    run();
  } catch (error) {
    if (error instanceof EpiscopeError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function composed(files: Record<string, string>, options: Partial<ComposeOptions> = {}): EpiscopeError {
  return refusal(
    () => composeSync({ source: memorySource(files, { path: "conf" }), name: "config", ...options }).config,
  );
}

describe("a config file is refused with its name", () => {
  it.each([
    ["a package header without a package", "PACKAGE_HEADER", 2, "\n# @package\na: 1\n"],
    ["a package header with two packages", "PACKAGE_HEADER", 1, "# @package a b\na: 1\n"],
    ["a number alone", "CONFIG_ROOT", 1, "42\n"],
  ])("%s", (_, code, line, text) => {
    const error = composed({ "config.yaml": "defaults: [db: mysql]\n", "db/mysql.yaml": text });
    expect(error).toMatchObject({ code, fields: { file: "conf/db/mysql.yaml", line } });
    expect(error.message).toContain("conf/db/mysql.yaml");
    expect(error.hint).toMatch(/^Write /);
  });

  it.each([
    ["a letter of Latin-1", [0x61, 0x0a, 0xe9, 0x73], 2],
    ["a sequence that is cut by the end", [0x61, 0x0a, 0x62, 0xe2, 0x82], 3],
    ["a sequence that is cut by a letter", [0x61, 0x0a, 0xe2, 0x82, 0x62], 2],
    ["a surrogate", [0x61, 0x0a, 0xed, 0xa0, 0x80], 2],
  ])("%s, which is not UTF-8, with its offset", (_, bytes, offset) => {
    const dir = mkdtempSync(join(tmpdir(), "conf-"));
    writeFileSync(join(dir, "config.yaml"), Uint8Array.from(bytes));
    const error = refusal(() => composeSync({ source: fileSource(dir), name: "config" }));
    expect(error).toMatchObject({ code: "CONFIG_ENCODING", fields: { offset, line: 2 } });
    rmSync(dir, { recursive: true });
  });

  it("a list as primary config", () => {
    const error = composed({ "config.yaml": "- a\n" });
    expect(error).toMatchObject({ code: "PRIMARY_NOT_MAPPING", fields: { file: "conf/config.yaml" } });
    expect(error.message).toContain("'config'");
  });

  it("a value that Hydra's own node does not take", () => {
    const error = composed({ "config.yaml": "hydra: {job: {num: many}}\n" });
    expect(error).toMatchObject({ code: "CONFIG_MERGE", fields: { file: "conf/config.yaml" } });
  });

  it("a search path outside the primary config", () => {
    const error = composed({
      "config.yaml": "defaults: [db: mysql]\n",
      "db/mysql.yaml": "# @package _global_\nhydra: {searchpath: ['file://x']}\n",
    });
    expect(error).toMatchObject({ code: "SEARCH_PATH_NOT_PRIMARY", fields: { file: "conf/db/mysql.yaml" } });
  });

  it("an override below a config that an interpolation chose", () => {
    const error = composed({
      "config.yaml": "defaults: [db: mysql, ui: '${db}']\n",
      "db/mysql.yaml": "a: 1\n",
      "ui/mysql.yaml": "defaults: [override /db: postgres]\n",
    });
    expect(error).toMatchObject({ code: "DEFAULTS_OVERRIDE_INTERPOLATED", fields: { key: "db@ui.db" } });
  });
});

describe("composing is refused", () => {
  it("when the source of the configs is not there", () => {
    const absent: ConfigSource = {
      ...memorySource({}, { scheme: "file", path: "/nowhere" }),
      isAvailable: () => false,
    };
    const error = composed({}, { source: absent });
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", fields: { source: "file:///nowhere" } });
  });

  it("when the search path leads nowhere", () => {
    expect(composed({ "config.yaml": "hydra: {searchpath: '${nothing}'}\n" }).code).toBe(
      "COMPOSITION_FAILED",
    );
  });

  it("when Hydra's node has lost what composing fills in", () => {
    const error = composed({ "config.yaml": "a: 1\n" }, { overrides: ["hydra.runtime=???"] });
    expect(error).toMatchObject({ code: "HYDRA_NODE", fields: { key: "hydra.runtime.choices" } });
  });

  it("when a file does not fit the stored config of its name, or that has a defaults list", () => {
    const files = { "config.yaml": "port: many\n" };
    const port = structFromSchema({ type: "object", properties: { port: { type: "integer", default: 1 } } });
    const typed = new ConfigStore().store({ name: "config", node: port });
    expect(composed(files, { store: typed, versionBase: "1.1" }).code).toBe("SCHEMA_MERGE");
    const listed = new ConfigStore().store({ name: "config", node: { defaults: ["_self_"], port: 1 } });
    expect(composed(files, { store: listed, versionBase: "1.1" }).code).toBe("SCHEMA_DEFAULTS");
  });

  it.each(["+m.w.v={k: 2}", "+m.w=[1]", "+m={k: 2}", "+m.w=1"])(
    "found by fuzzing: %s, where m is an interpolation that leads nowhere, as in Hydra",
    (override) => {
      const files = { "config.yaml": "m: ${db.k}\n" };
      expect(composed(files, { overrides: [override] }).code).toBe("OVERRIDE_MERGE");
      const forced = composeSync({
        source: memorySource(files),
        name: "config",
        overrides: [`+${override}`],
      });
      expect(forced.config).toHaveProperty("m");
    },
  );
});

it("a store refuses what no config can hold, and says where", () => {
  const error = refusal(() => new ConfigStore().store({ name: "a", node: { on: [1, { end: () => 1 }] } }));
  expect(error).toMatchObject({ code: "STORE_VALUE", fields: { key: "on[1].end" } });
  expect(error.message).toContain("function");
});

describe("a sweep is refused", () => {
  const source = memorySource({ "config.yaml": "a: 1\nb: 1\n" });
  const sweep = (overrides: string[], maxJobs?: number): EpiscopeError =>
    refusal(() =>
      planSweep({
        source,
        name: "config",
        overrides,
        now: new Date(0),
        ...(maxJobs === undefined ? {} : { maxJobs }),
      }),
    );

  it("with more jobs than are allowed, also when a range never ends", () => {
    expect(sweep(["a=range(3)", "b=range(4)"], 11)).toMatchObject({
      code: "SWEEP_TOO_LARGE",
      fields: { limit: 11 },
    });
    expect(sweep(["a=range(0,inf)"], 100).code).toBe("SWEEP_TOO_LARGE");
    expect(
      planSweep({
        source,
        name: "config",
        overrides: ["a=range(3)", "b=range(4)"],
        maxJobs: 12,
        now: new Date(0),
      }).batches[0]!.jobs,
    ).toHaveLength(12);
  });

  it.each(["0", "-1"])("with batches of %s jobs", (size) => {
    const error = sweep(["a=1,2", `hydra.sweeper.max_batch_size=${size}`]);
    expect(error).toMatchObject({
      code: "SWEEP_BATCH_SIZE",
      fields: { key: "hydra.sweeper.max_batch_size" },
    });
    expect(error.message).toContain(size);
  });

  it("over an interval, which has no values to count", () => {
    expect(sweep(["a=interval(0,1)"])).toMatchObject({ code: "SWEEP_TYPE", fields: { key: "a" } });
  });

  it("with a sweeper that the program does not know", () => {
    const error = sweep(["a=1,2", "hydra.sweeper._target_=os.system"]);
    expect(error).toMatchObject({ code: "HYDRA_TARGET", fields: { key: "hydra.sweeper" } });
    expect(error.message).toContain("os.system");
  });
});

describe("an override of a key that is not there", () => {
  const of = (text: string, override: string) => composed({ "config.yaml": text }, { overrides: [override] });

  it("names the key of its value that is not there, and the one that was meant", () => {
    expect(of("opt: {lr: 1}\n", "opt={lrr: 3}").message).toBe(
      "Cannot override 'opt': the config has no key 'opt.lrr'. Did you mean 'opt.lr'?",
    );
  });

  it("says that the config has the number, not the text", () => {
    expect(of("layers: {5: x}\n", "layers.5=y").message).toContain(
      "The config has the number 5, and the key of an override is a text.",
    );
  });
});

describe("an override with a character that nobody sees names it", () => {
  it.each([
    ["\r", "the carriage return (a script with Windows line ends?)", "x=a\\r\n     ^"],
    ["\x1b[31m", "the escape character", "x=a\\x1b[31m\n     ^"],
    ["\u200b", "the invisible character \\u200b", "x=a\\u200b\n     ^"],
  ])("%j", (text, name, pointed) => {
    const { message } = composed({ "config.yaml": "x: 1\n" }, { overrides: [`x=a${text}`] });
    expect(message).toContain(`expected ${name} to be quoted`);
    expect(message).toContain(pointed);
    expect(message).not.toContain(text);
  });
});
