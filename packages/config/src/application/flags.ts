import { flagUnknown, flagValue } from "./errors.js";

export const INFO_KINDS = ["all", "config", "defaults", "defaults-tree", "plugins", "searchpath"] as const;
/** `aliases` is Hydra 1.4's. */
export type InfoKind = (typeof INFO_KINDS)[number] | "aliases";
export type ConfigPart = "job" | "hydra" | "all";

/** Hydra's flags, with Hydra's meaning. */
export interface HydraFlags {
  readonly help?: boolean;
  readonly hydraHelp?: boolean;
  readonly version?: boolean;
  readonly cfg?: ConfigPart;
  readonly resolve?: boolean;
  readonly package?: string;
  readonly run?: boolean;
  readonly multirun?: boolean;
  readonly shellCompletion?: boolean;
  readonly configPath?: string;
  readonly configName?: string;
  readonly configDir?: string;
  readonly experimentalRerun?: string;
  readonly info?: InfoKind;
  /** Not Hydra's: what becomes of a sweep when a job fails. */
  readonly onError?: "continue" | "stop";
}

interface FlagSpec {
  readonly name: keyof HydraFlags;
  readonly words: readonly string[];
  readonly help: string;
  /** What it takes: nothing, a text, or one of these. */
  readonly takes?: "text" | readonly string[];
  /** What it means without a value, where it need not have one. */
  readonly otherwise?: string;
}

/** In the order of `--hydra-help`. */
export const FLAGS: readonly FlagSpec[] = [
  { name: "help", words: ["--help", "-h"], help: "Application's help" },
  { name: "hydraHelp", words: ["--hydra-help"], help: "Hydra's help" },
  { name: "version", words: ["--version"], help: "Show the version and exit" },
  {
    name: "cfg",
    words: ["--cfg", "-c"],
    takes: ["job", "hydra", "all"],
    help: "Show config instead of running [job|hydra|all]",
  },
  {
    name: "resolve",
    words: ["--resolve"],
    help: "Used in conjunction with --cfg, resolve config interpolations before printing.",
  },
  { name: "package", words: ["--package", "-p"], takes: "text", help: "Config package to show" },
  { name: "run", words: ["--run", "-r"], help: "Run a job" },
  {
    name: "multirun",
    words: ["--multirun", "-m"],
    help: "Run multiple jobs with the configured launcher and sweeper",
  },
  {
    name: "shellCompletion",
    words: ["--shell-completion", "-sc"],
    help: "Install, uninstall or query shell completion: -sc install=bash|zsh|fish",
  },
  { name: "configPath", words: ["--config-path", "-cp"], takes: "text", help: "Another folder of configs" },
  { name: "configName", words: ["--config-name", "-cn"], takes: "text", help: "Another primary config" },
  {
    name: "configDir",
    words: ["--config-dir", "-cd"],
    takes: "text",
    help: "Adds an additional config dir to the config search path",
  },
  {
    name: "experimentalRerun",
    words: ["--experimental-rerun"],
    takes: "text",
    help: "Rerun a job from its directory",
  },
  {
    name: "info",
    words: ["--info", "-i"],
    takes: [...INFO_KINDS, "aliases"],
    otherwise: "all",
    help: `Print Hydra information [${INFO_KINDS.join("|")}]`,
  },
  {
    name: "onError",
    words: ["--on-error"],
    takes: ["continue", "stop"],
    help: "What becomes of a sweep when a job fails [continue|stop]",
  },
];

/**
 * Takes the flags out of the words of a command line; the others are overrides. As in Python's argparse a flag may stand
 * anywhere, the last one of a kind counts, a long one may be cut short where it stays clear, and a value may be joined to it
 * (`--cfg=job`, `-p=x`, `-pdb`). After `--` everything is an override.
 * @throws UsageError
 */
export function parseFlags(
  words: readonly string[],
  specs: readonly FlagSpec[] = FLAGS,
): { readonly flags: HydraFlags; readonly overrides: readonly string[] } {
  const flags: Record<string, unknown> = {};
  const overrides: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word === "--") {
      overrides.push(...words.slice(index + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      overrides.push(word);
      continue;
    }
    const { spec, joined } = findFlag(word, specs);
    if (spec.takes === undefined) {
      if (joined !== undefined) throw flagValue(spec.words, "takes no value");
      flags[spec.name] = true;
      continue;
    }
    let value = joined;
    if (value === undefined && index + 1 < words.length && !isFlag(words[index + 1]!)) {
      const next = words[index + 1]!;
      // An optional value is only taken where it is one.
      if (spec.otherwise === undefined || spec.takes === "text" || spec.takes.includes(next)) {
        value = next;
        index++;
      }
    }
    value ??= spec.otherwise;
    if (value === undefined) throw flagValue(spec.words, "needs a value");
    if (spec.takes !== "text" && !spec.takes.includes(value)) {
      throw flagValue(spec.words, `takes ${spec.takes.join(", ")}, not '${value}'`);
    }
    flags[spec.name] = value;
  }
  return { flags, overrides };
}

function isFlag(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function findFlag(
  word: string,
  specs: readonly FlagSpec[],
): { readonly spec: FlagSpec; readonly joined: string | undefined } {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const joined = equals < 0 ? undefined : word.slice(equals + 1);
  const exact = specs.find(({ words }) => words.includes(name));
  if (exact !== undefined) return { spec: exact, joined };
  if (name.startsWith("--")) {
    const meant = specs.filter(({ words }) => words.some((long) => long.startsWith(name)));
    if (meant.length === 1) return { spec: meant[0]!, joined };
    throw flagUnknown(word, meant.length > 1 ? meant.map(({ words }) => words[0]!) : longWords(specs));
  }
  // A short flag with its value behind it: -pdb.
  const short = specs.find(
    ({ words, takes }) => takes !== undefined && words.some((one) => one === word.slice(0, 2)),
  );
  if (short !== undefined) return { spec: short, joined: word.slice(2) };
  throw flagUnknown(word, longWords(specs));
}

function longWords(specs: readonly FlagSpec[]): readonly string[] {
  return specs.map(({ words }) => words[0]!);
}

/** The flags as `$FLAGS_HELP` of Hydra's help lists them. */
export function describeFlags(): string {
  const lines = FLAGS.map(({ words, help }) => `${words.join(",")} : ${help}\n`);
  const overrides = "Any key=value arguments to override config values (use dots for.nested=overrides)";
  return `${lines.join("")}Overrides : ${overrides}`;
}
