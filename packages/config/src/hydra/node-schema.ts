import type { EnumType, StructField, StructType, TypeRef } from "../tree/types.js";

// The structured configs that Hydra 1.3 registers in code: the hydra node, the basic launcher and sweeper.

const STR: TypeRef = { kind: "str", optional: false };
const INT: TypeRef = { kind: "int", optional: false };
const ANY: TypeRef = { kind: "any", optional: true };
const RUN_MODE: EnumType = {
  name: "RunMode",
  members: new Map([
    ["RUN", 1],
    ["MULTIRUN", 2],
  ]),
};

const MISSING = "???";

function text(initial: string = MISSING): StructField {
  return { type: STR, initial };
}

function optional(type: TypeRef, initial: unknown): StructField {
  return { type: { ...type, optional: true }, initial };
}

function list(element: TypeRef, initial: unknown = []): StructField {
  return { type: { kind: "list", optional: false, element }, initial };
}

function dict(element: TypeRef, keys: "any" | "str", initial: unknown = new Map()): StructField {
  return { type: { kind: "dict", optional: false, keys: { kind: keys }, element }, initial };
}

function struct(name: string, fields: Readonly<Record<string, StructField>>): StructType {
  return { name, fields: new Map(Object.entries(fields)) };
}

/** A field that holds a structured config with its defaults. */
function nested(type: StructType): StructField {
  return { type: { kind: "struct", optional: false, struct: type }, initial: new Map() };
}

export const CONFIG_SOURCE_INFO: StructType = struct("ConfigSourceInfo", {
  path: text(),
  schema: text(),
  provider: text(),
});

const OVERRIDE_DIRNAME = struct("OverrideDirname", {
  kv_sep: text("="),
  item_sep: text(","),
  exclude_keys: list(STR),
});

const JOB = struct("JobConf", {
  name: text(),
  chdir: optional({ kind: "bool", optional: true }, null),
  override_dirname: text(),
  id: text(),
  num: { type: INT, initial: MISSING },
  config_name: optional(STR, MISSING),
  env_set: dict(STR, "str"),
  env_copy: list(STR),
  config: nested(struct("JobConfig", { override_dirname: nested(OVERRIDE_DIRNAME) })),
});

const JOB_14 = struct("JobConf", {
  ...Object.fromEntries(JOB.fields),
  chdir: { type: { kind: "bool", optional: false }, initial: false },
  override_dirname: text("${hydra_override_dirname:}"),
});

const RUNTIME = struct("RuntimeConf", {
  version: text(),
  version_base: text(),
  cwd: text(),
  config_sources: list({ kind: "struct", optional: false, struct: CONFIG_SOURCE_INFO }, MISSING),
  output_dir: text(),
  choices: dict(ANY, "str"),
});

/** `hydra/config`: the node `hydra` of every application. Its defaults list chooses the parts of the node. */
export const HYDRA_CONFIG: StructType = struct("HydraConf", {
  defaults: list(ANY, [
    new Map([["output", "default"]]),
    new Map([["launcher", "basic"]]),
    new Map([["sweeper", "basic"]]),
    new Map([["help", "default"]]),
    new Map([["hydra_help", "default"]]),
    new Map([["hydra_logging", "default"]]),
    new Map([["job_logging", "default"]]),
    new Map([["callbacks", null]]),
    new Map([["env", "default"]]),
  ]),
  mode: optional({ kind: "enum", optional: true, enum: RUN_MODE }, null),
  searchpath: list(STR),
  run: nested(struct("RunDir", { dir: text() })),
  sweep: nested(struct("SweepDir", { dir: text(), subdir: text() })),
  hydra_logging: dict(ANY, "str", MISSING),
  job_logging: dict(ANY, "str", MISSING),
  sweeper: { type: ANY, initial: MISSING },
  launcher: { type: ANY, initial: MISSING },
  callbacks: dict(ANY, "str"),
  help: nested(struct("HelpConf", { app_name: text(), header: text(), footer: text(), template: text() })),
  hydra_help: nested(struct("HydraHelpConf", { hydra_help: text(), template: text() })),
  output_subdir: optional(STR, ".hydra"),
  overrides: nested(struct("OverridesConf", { hydra: list(STR), task: list(STR) })),
  job: nested(JOB),
  runtime: nested(RUNTIME),
  verbose: { type: ANY, initial: false },
});

/** That of Hydra 1.4. */
export const HYDRA_CONFIG_14: StructType = struct(
  "HydraConf",
  Object.fromEntries(
    [...HYDRA_CONFIG.fields].flatMap(([name, field]) => {
      if (name === "job") return [[name, nested(JOB_14)]];
      if (name === "output_subdir")
        return [
          [name, field],
          ["aliases", dict(STR, "str")],
        ];
      return [[name, field]];
    }),
  ),
);

export const BASIC_LAUNCHER: StructType = struct("BasicLauncherConf", {
  _target_: text("hydra._internal.core_plugins.basic_launcher.BasicLauncher"),
});

export const BASIC_SWEEPER: StructType = struct("BasicSweeperConf", {
  _target_: text("hydra._internal.core_plugins.basic_sweeper.BasicSweeper"),
  max_batch_size: optional(INT, null),
  params: optional({ kind: "dict", optional: true, keys: { kind: "str" }, element: STR }, null),
});
