import type { Composition } from "@episcope/config";
import { checkCombinations, type EpiscopeConfig } from "@episcope/core/config";
import { EpiscopeError } from "@episcope/errors";
import {
  type ComposeFlags,
  type Composing,
  checkComposition,
  composeConfig,
  composeWith,
  composingOf,
  hideVariables,
} from "../../compose/compose-run.js";
import { configSide } from "../../compose/config-side.js";
import { configWords } from "../../terminal/errors.js";
import { EXIT, type ExitStatus } from "../../terminal/exit-status.js";
import type { ProgramIo } from "../../terminal/io.js";

/** Products of all options are checked up to here; beyond, each option of a group with each of every other group. */
const MAX_PRODUCT = 500;

/** `episcope config diff A B`: what differs, and what causes it. */
export async function diffConfigs(
  words: readonly string[],
  flags: ComposeFlags,
  io: ProgramIo,
): Promise<ExitStatus> {
  const [left, right] = words;
  if (left === undefined || right === undefined || words.length > 2)
    throw configWords(
      "diff",
      "A B, each a run, a lock file, or overrides such as storage=production ('.' for none)",
    );
  const [a, b] = await Promise.all([configSide(left, flags, io), configSide(right, flags, io)]);
  const keys = [...new Set([...a.values.keys(), ...b.values.keys()])];
  const lines = keys.flatMap((key) => {
    const [before, after] = [a.values.get(key), b.values.get(key)];
    if (before === after) return [];
    return [
      key,
      ...(before === undefined ? [] : [`  - ${before}   ${a.originOf(key)}`]),
      ...(after === undefined ? [] : [`  + ${after}   ${b.originOf(key)}`]),
    ];
  });
  await io.out(lines.length === 0 ? "The configs are the same.\n" : `${lines.join("\n")}\n`);
  return EXIT.done;
}

/** `episcope config validate [--all] [OVERRIDE…]`: the config, or every combination of the options of the groups. */
export async function validateAll(
  overrides: readonly string[],
  flags: ComposeFlags & { readonly all?: boolean },
  io: ProgramIo,
): Promise<ExitStatus> {
  const composition = await composeConfig<unknown>("config", overrides, flags, io);
  // The same sources for all of them: each file is read once.
  const composing = composingOf("config", overrides, flags, io);
  const groups = groupsOf(composition).map((group) => {
    const options = composition.groupOptions(group).filter((option) => option !== "base");
    // What the primary config does not choose may be left out, or is appended.
    return composition.choices.has(group)
      ? options.map((option) => [`${group}=${option}`])
      : [[], ...options.map((option) => [`+${group}=${option}`])];
  });
  const combinations = flags.all === true ? combined(groups) : [[]];
  // One mistake is found in many combinations, and told once.
  const found = new Map<string, string[]>();
  for (const choices of combinations) {
    const options = { ...composing.options, overrides: [...choices, ...overrides] };
    const problem = problemOf({ ...composing, options }, flags, io);
    if (problem !== undefined) found.set(problem, [...(found.get(problem) ?? []), choices.join(" ")]);
  }
  for (const [problem, choices] of found)
    io.message(choices[0] === "" ? problem : `${choices.length} times, first with ${choices[0]}: ${problem}`);
  const wrong = [...found.values()].flat().length;
  const count = combinations.length;
  const what = count === 1 ? "The config is" : `${count} combinations of ${groups.length} groups are`;
  await io.out(wrong === 0 ? `${what} valid.\n` : `${wrong} of ${count} are not valid.\n`);
  return wrong === 0 ? EXIT.done : EXIT.failed;
}

function problemOf(composing: Composing, flags: ComposeFlags, io: ProgramIo): string | undefined {
  let composition: Composition<unknown> | undefined;
  try {
    composition = composeWith<unknown>(composing);
    checkComposition(composition, flags.configName ?? "config");
    checkCombinations(composition.config as EpiscopeConfig, { cwd: io.cwd });
    return undefined;
  } catch (error) {
    if (!(error instanceof EpiscopeError)) throw error;
    if (composition !== undefined) hideVariables(composition, io);
    return error.message;
  }
}

/** The groups of the program, at every depth, that have options. */
function groupsOf(composition: Composition<unknown>, parent = ""): string[] {
  return composition.subgroups(parent).flatMap((name) => {
    if (parent === "" && name === "hydra") return [];
    const group = parent === "" ? name : `${parent}/${name}`;
    return [group, ...groupsOf(composition, group)];
  });
}

/** All products, or where they are too many every pair of options of two groups. A choice is an override, or none. */
function combined(groups: readonly (readonly (readonly string[])[])[]): string[][] {
  const filled = groups.filter((options) => options.length > 0);
  const count = filled.reduce((product, options) => product * options.length, 1);
  if (count <= MAX_PRODUCT || filled.length < 2) {
    return filled.reduce<string[][]>(
      (lists, options) => lists.flatMap((list) => options.map((choice) => [...list, ...choice])),
      [[]],
    );
  }
  return filled.flatMap((options, index) =>
    filled.slice(index + 1).flatMap((others) => options.flatMap((a) => others.map((b) => [...a, ...b]))),
  );
}
