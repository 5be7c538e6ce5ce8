import { HYDRA_VERSIONS } from "../compose/hydra-node.js";
import { listDefaults } from "../compose/list-defaults.js";
import { describeAliases } from "../compose/override-aliases.js";
import { openSession } from "../compose/session.js";
import { BASIC_LAUNCHER } from "../job/launcher.js";
import { rulesOf } from "../version/rules.js";
import type { Application, ApplicationOptions, Overrides } from "./application.js";
import { flagValue } from "./errors.js";
import { INFO_KINDS, type InfoKind } from "./flags.js";
import {
  describeDefaults,
  describeDefaultsTree,
  describePlugins,
  describeSearchPath,
  heading,
  type SourceInfo,
} from "./show-info.js";

/** Prints what `--info` asks for. */
export function showInfo(application: Application, kind: InfoKind, overrides: Overrides): void {
  const { io, options } = application;
  const defaults = () => listDefaults(application.composeOptions(overrides));
  switch (kind) {
    case "searchpath":
      io.out(searchPathOf(application, overrides));
      break;
    case "defaults":
      io.out(describeDefaults(defaults()));
      break;
    case "defaults-tree":
      io.out(describeDefaultsTree(defaults()));
      break;
    case "plugins":
      io.out(pluginsOf(options));
      break;
    case "aliases":
      if (!rulesOf(options.versionBase).overrideAliases)
        throw flagValue(["--info"], `takes one of ${INFO_KINDS.join(", ")}`);
      io.out(aliasesOf(application, overrides));
      break;
    case "config":
      showConfigInfo(application, overrides);
      break;
    default:
      io.out(`${versionHeading(options)}${pluginsOf(options)}${aliasesOf(application, overrides)}`);
      showConfigInfo(application, overrides);
  }
}

/** Everything that `--info all` prints, a record of a log for each line; the config is one. */
export function infoRecords(application: Application, overrides: Overrides): string[] {
  const defaults = listDefaults(application.composeOptions(overrides));
  const lines = [
    versionHeading(application.options),
    pluginsOf(application.options),
    aliasesOf(application, overrides),
    searchPathOf(application, overrides),
    describeDefaultsTree(defaults),
    describeDefaults(defaults),
    heading("Config", "*"),
  ];
  return [...lines.flatMap((text) => text.split("\n").slice(0, -1)), application.compose(overrides).toYaml()];
}

function showConfigInfo(application: Application, overrides: Overrides): void {
  const { io } = application;
  io.out(searchPathOf(application, overrides));
  const defaults = listDefaults(application.composeOptions(overrides));
  io.out(describeDefaultsTree(defaults));
  io.out(describeDefaults(defaults));
  io.out(`${heading("Config", "*")}${application.compose(overrides).toYaml()}\n`);
}

function versionHeading({ versionBase }: ApplicationOptions): string {
  return heading(`Hydra ${HYDRA_VERSIONS[rulesOf(versionBase).hydra]}`, "=");
}

/** Since 1.4: the aliases of the primary config, and what the overrides mean by them. */
function aliasesOf(application: Application, overrides: Overrides): string {
  const { versionBase } = application.options;
  if (!rulesOf(versionBase).overrideAliases) return "";
  const { aliases, overrides: meant } = openSession(application.composeOptions(overrides));
  const texts = overrides.map((input) => (typeof input === "string" ? input : input.text));
  const lines = texts.map((text, index) => `${text} -> ${meant[index]!.text}\n`);
  const told = aliases.size === 0 ? "No override aliases defined.\n" : describeAliases(aliases);
  return told + (lines.length === 0 ? "" : `Input -> Expanded override\n${lines.join("")}`);
}

function searchPathOf(application: Application, overrides: Overrides): string {
  try {
    const sources = application.compose(overrides).value("hydra.runtime.config_sources");
    return describeSearchPath(sources as readonly SourceInfo[]);
  } catch (error) {
    // The title stands before what cannot be shown, as in Hydra.
    application.io.out(`\n${heading("Config search path", "*")}`);
    throw error;
  }
}

/** What Hydra has by itself, and what the program brings along. */
function pluginsOf({ launchers }: ApplicationOptions): string {
  const last = (target: string): string => target.slice(target.lastIndexOf(".") + 1);
  return describePlugins([
    ["ConfigSource", ["FileConfigSource", "ImportlibResourcesConfigSource", "StructuredConfigSource"]],
    ["CompletionPlugin", ["BashCompletion", "FishCompletion", "ZshCompletion"]],
    // The pool is found by name, as a plugin is that Hydra does not bring along.
    ["Launcher", [BASIC_LAUNCHER, ...(launchers?.keys() ?? [])].map(last)],
    ["Sweeper", ["BasicSweeper"]],
  ]);
}
