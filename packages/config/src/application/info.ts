import { HYDRA_VERSION } from "../compose/hydra-node.js";
import { listDefaults } from "../compose/list-defaults.js";
import { BASIC_LAUNCHER } from "../job/launcher.js";
import type { Application, ApplicationOptions, Overrides } from "./application.js";
import type { InfoKind } from "./flags.js";
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
    case "config":
      showConfigInfo(application, overrides);
      break;
    default:
      io.out(`${heading(`Hydra ${HYDRA_VERSION}`, "=")}${pluginsOf(options)}`);
      showConfigInfo(application, overrides);
  }
}

/** Everything that `--info all` prints, a record of a log for each line; the config is one. */
export function infoRecords(application: Application, overrides: Overrides): string[] {
  const defaults = listDefaults(application.composeOptions(overrides));
  const lines = [
    heading(`Hydra ${HYDRA_VERSION}`, "="),
    pluginsOf(application.options),
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
