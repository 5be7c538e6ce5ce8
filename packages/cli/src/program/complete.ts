import {
  type CompletionSource,
  completionRequest,
  completionScript,
  completionsOf,
  wordsOf,
} from "@episcope/config/completion";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { type CompletionTable, TABLE } from "./table-at-build.js";

const OWN_FLAGS = ["--help", "--shell-completion", "--version"];

/**
 * `--shell-completion`: prints a script for a shell, or answers what that script asks. It knows the program and the presets by a
 * table, and loads and composes nothing: an answer is there before a key is typed again.
 */
export async function main(argv: readonly string[], io: ProgramIo): Promise<ExitStatus> {
  const [flag = "", word = flag.split("=").slice(1).join("=")] = argv;
  let request: ReturnType<typeof completionRequest>;
  try {
    request = completionRequest(word);
    await io.out(request.what === "query" ? answer(io) : script(request));
    return EXIT.done;
  } catch (error) {
    const { message, hint, code } = error as { message: string; hint?: string; code?: string };
    if (code !== "COMPLETION_SHELL") throw error;
    io.message(`episcope: ${message}\n  ${hint} [${code}]`);
    return EXIT.wrongUse;
  }
}

function script({ what, shell }: ReturnType<typeof completionRequest>): string {
  const command = [process.execPath, process.argv[1] ?? "episcope"];
  return completionScript(shell, command, what === "install", "episcope");
}

function answer({ env }: ProgramIo): string {
  const line = env["COMP_LINE"] ?? "";
  const point = Number(env["COMP_POINT"] ?? line.length);
  return completionsAt(line, point, TABLE)
    .map((text) => `${text}\n`)
    .join("");
}

/** What may stand at a place of a command line; the files of a folder are the shell's to find. */
export function completionsAt(line: string, point: number, table: CompletionTable): string[] {
  const { word } = wordsOf(line, point);
  const [, ...before] = line
    .slice(0, point - word.length)
    .split(/\s+/)
    .filter((one) => one !== "");
  const verb = table.verbs[before[0] ?? ""];
  if (before.length === 0)
    return [...Object.keys(table.verbs), ...OWN_FLAGS].filter((name) => name.startsWith(word)).sort();
  if (verb === undefined) return [];
  return completionsOf(word, sourceOf(table, verb.primary), verb.flags);
}

function sourceOf(table: CompletionTable, primary: string | null): CompletionSource {
  if (primary === null) return NOTHING;
  const below = (names: readonly string[], parent: string, separator: string): string[] => {
    const start = parent === "" ? "" : `${parent}${separator}`;
    const found = names.filter((name) => name.startsWith(start) && name !== start);
    return [...new Set(found.map((name) => name.slice(start.length).split(separator, 1)[0]!))];
  };
  return {
    groupOptions: (group) => table.groups[group] ?? [],
    subgroups: (parent) => below(Object.keys(table.groups), parent, "/"),
    keysAt: (parent) => below(table.keys[primary] ?? [], parent, "."),
    choices: (key) => table.choices[key] ?? [],
  };
}

const NOTHING: CompletionSource = {
  groupOptions: () => [],
  subgroups: () => [],
  keysAt: () => [],
  choices: () => [],
};
