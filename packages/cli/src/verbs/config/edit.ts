import { dirname, join, relative, resolve } from "node:path";
import { setInText, unsetInText } from "@episcope/config/edit";
import { presetDirectory } from "@episcope/core/config";
import type { FileSystem } from "@episcope/records/store";
import { type ComposeFlags, checkComposition, composeConfig } from "../../compose/compose-run.js";
import { configWords, editedFileMissing, fileExists } from "../../terminal/errors.js";
import { EXIT, type ExitStatus } from "../../terminal/exit-status.js";
import type { ProgramIo } from "../../terminal/io.js";
import { inFile } from "./in-file.js";
import { changedLines } from "./text-diff.js";

/** `episcope config set KEY=VALUE… --in FILE`: everything else in the file stays as it is. */
export async function setValues(
  words: readonly string[],
  file: string | undefined,
  io: ProgramIo,
): Promise<ExitStatus> {
  if (file === undefined || words.length === 0 || words.some((word) => !word.includes("=")))
    throw configWords("set", "KEY=VALUE… --in FILE");
  return edit(file, io, (text) => setInText(text, words));
}

/** `episcope config unset KEY… --in FILE`. */
export async function unsetValues(
  words: readonly string[],
  file: string | undefined,
  io: ProgramIo,
): Promise<ExitStatus> {
  if (file === undefined || words.length === 0) throw configWords("unset", "KEY… --in FILE");
  return edit(file, io, (text) => unsetInText(text, words));
}

async function edit(file: string, io: ProgramIo, change: (text: string) => string): Promise<ExitStatus> {
  const path = resolve(io.cwd, file);
  if (!io.fs.existsSync(path)) throw editedFileMissing(file);
  const before = io.fs.readFileSync(path, "utf8");
  const after = inFile(file, () => change(before));
  if (after !== before) io.fs.writeFileSync(path, after);
  await io.out(changedLines(file, before, after) || `${file}: nothing to change\n`);
  return EXIT.done;
}

/** `episcope config init DIR`: the presets with their comments, to be changed and given as --config-path. */
export async function initPresets(words: readonly string[], io: ProgramIo): Promise<ExitStatus> {
  const [target] = words;
  if (target === undefined || words.length > 1) throw configWords("init", "DIR");
  const from = presetDirectory();
  const files = filesBelow(io.fs, from);
  const copies = files.map((file) => join(resolve(io.cwd, target), relative(from, file)));
  const present = copies.find((file) => io.fs.existsSync(file));
  if (present !== undefined) throw fileExists(relative(io.cwd, present));
  for (const [index, file] of files.entries()) {
    io.fs.mkdirSync(dirname(copies[index]!), { recursive: true });
    io.fs.writeFileSync(copies[index]!, io.fs.readFileSync(file));
  }
  await io.out(`${files.length} files in ${target}. Use them with --config-path ${target}.\n`);
  return EXIT.done;
}

export function filesBelow(fs: FileSystem, dir: string): string[] {
  const entries = fs.readdirSync(dir, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(dir, String(entry.name));
    return entry.isDirectory() ? filesBelow(fs, path) : [path];
  });
}

/**
 * `episcope config save GROUP/NAME OVERRIDE… --config-dir DIR`: what the overrides change in a group, as a new option of
 * it on top of the option that is chosen. Where `--config-path` takes the place of the presets, the option goes there.
 */
export async function saveOption(
  words: readonly string[],
  flags: ComposeFlags,
  io: ProgramIo,
): Promise<ExitStatus> {
  const [name, ...overrides] = words;
  const slash = name?.lastIndexOf("/") ?? -1;
  const [flag, dir] =
    flags.configDir === undefined ? ["--config-path", flags.configPath] : ["--config-dir", flags.configDir];
  if (name === undefined || slash < 1 || overrides.length === 0 || dir === undefined)
    throw configWords("save", "GROUP/NAME OVERRIDE… --config-dir DIR");
  const [group, option] = [name.slice(0, slash), name.slice(slash + 1)];
  const inside = `${group.replaceAll("/", ".")}.`;
  const odd = overrides.find((override) => !override.startsWith(inside) && !override.startsWith(`${group}=`));
  if (odd !== undefined) throw configWords("save", `${name} ${inside}KEY=VALUE… ${flag} DIR`);
  const file = join(dir, `${name}.yaml`);
  const path = resolve(io.cwd, file);
  if (io.fs.existsSync(path)) throw fileExists(file);
  // Composed first: an option that is wrong is not written.
  const { configDir, ...without } = flags;
  const isNew = configDir !== undefined && !io.fs.existsSync(resolve(io.cwd, configDir));
  const composition = await composeConfig<unknown>("config", overrides, isNew ? without : flags, io);
  checkComposition(composition, flags.configName ?? "config");
  // Another folder is searched before: the new option would never be found.
  if (composition.groupOptions(group).includes(option)) throw fileExists(`${group}=${option}`);
  const text = `defaults:\n  - ${composition.choices.get(group) ?? "base"}\n  - _self_\n`;
  const own = overrides
    .filter((override) => override.startsWith(inside))
    .map((override) => override.slice(inside.length));
  io.fs.mkdirSync(dirname(path), { recursive: true });
  io.fs.writeFileSync(path, setInText(text, own));
  await io.out(`${file}: use it with ${group}=${option} ${flag} ${dir}\n`);
  return EXIT.done;
}
