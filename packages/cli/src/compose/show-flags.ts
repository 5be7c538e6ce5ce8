import {
  describeDefaults,
  describeDefaultsTree,
  describeSearchPath,
  heading,
  listDefaults,
  type SourceInfo,
  showConfig,
} from "@episcope/config";
import { type Command, Option } from "commander";
import type { ProgramIo } from "../terminal/io.js";
import { type ComposeFlags, composeConfig, composeWith, composingOf, withVariables } from "./compose-run.js";

/** Hydra's flags that print instead of running. */
export interface ShowFlags extends ComposeFlags {
  readonly cfg?: "job" | "hydra" | "all";
  readonly resolve?: boolean;
  readonly package?: string;
  readonly info?: string;
  readonly hydraHelp?: boolean;
}

/** What `--info` prints of a composition; the verb `config` has `plugins` too. */
export const INFO = ["all", "config", "defaults", "defaults-tree", "searchpath"] as const;

export function declareShowFlags(command: Command, info: readonly string[] = INFO): void {
  command
    .addOption(
      new Option("-c, --cfg <part>", "print this part of the config").choices(["job", "hydra", "all"]),
    )
    .option("--resolve", "resolve interpolations before printing")
    .option("-p, --package <package>", "print only this part, for instance storage")
    .addOption(new Option("-i, --info <what>", "print how the config is composed").choices(info))
    .option("--hydra-help", "print Hydra's flags, and the groups of its own config");
}

/** Prints what a flag asks for; false where none does. */
export async function showInstead(
  primary: string,
  words: readonly string[],
  flags: ShowFlags,
  io: ProgramIo,
): Promise<boolean> {
  if (flags.hydraHelp === true) {
    const { hydraHelp } = await import("@episcope/config/application");
    const own = words.filter((word) => /^[+~]*hydra[./@=]/.test(word));
    const composing = composingOf(primary, own, flags, io);
    // Hydra's own config is all that it shows: the primary one, and what is said of it, may be wrong.
    const options = { ...composing.options, name: undefined };
    await io.out(hydraHelp(composeWith({ options, variables: [] })));
    return true;
  }
  if (flags.info !== undefined) {
    await io.out(await infoText(primary, words, flags, io));
    return true;
  }
  if (flags.cfg === undefined) return false;
  const composition = await composeConfig(primary, words, flags, io);
  await io.out(
    showConfig(composition, { part: flags.cfg, resolve: flags.resolve === true, package: flags.package }),
  );
  return true;
}

async function infoText(
  primary: string,
  words: readonly string[],
  flags: ShowFlags,
  io: ProgramIo,
): Promise<string> {
  const defaults = () =>
    withVariables(composingOf(primary, words, flags, io), (options) => listDefaults(options));
  if (flags.info === "defaults") return describeDefaults(defaults());
  if (flags.info === "defaults-tree") return describeDefaultsTree(defaults());
  const composition = await composeConfig(primary, words, flags, io);
  const sources = composition.value("hydra.runtime.config_sources") as readonly SourceInfo[];
  if (flags.info === "searchpath") return describeSearchPath(sources);
  const list = defaults();
  const parts = [describeSearchPath(sources), describeDefaultsTree(list), describeDefaults(list)];
  return `${parts.join("")}${heading("Config", "*")}${composition.toYaml()}\n`;
}
