import { dirname, join, relative, resolve, sep } from "node:path";
import { presetDirectory } from "@episcope/core";
import type { FileSystem } from "@episcope/records/store";
import { configDirMissing, configWords, fileExists } from "../../terminal/errors.js";
import { EXIT, type ExitStatus } from "../../terminal/exit-status.js";
import type { ProgramIo } from "../../terminal/io.js";
import { filesBelow } from "./edit.js";
import { type ConfigTree, migrateTree } from "./migrate-tree.js";
import { unifiedDiff } from "./text-diff.js";

/**
 * `episcope config migrate OLD [--write NEW]`: the config folder of the ancestor in the keys of today. Without `--write` it is
 * shown as a diff, and nothing is written. NEW may be OLD; otherwise nothing is written over.
 */
export async function migrateConfigs(
  words: readonly string[],
  target: string | undefined,
  io: ProgramIo,
): Promise<ExitStatus> {
  const [folder, surplus] = words;
  if (folder === undefined || surplus !== undefined) throw configWords("migrate", "DIR [--write NEW_DIR]");
  const root = resolve(io.cwd, folder);
  if (!io.fs.existsSync(root) || !io.fs.statSync(root).isDirectory()) throw configDirMissing(folder);
  const old = treeOf(io.fs, root);
  const migrated = migrateTree(old, treeOf(io.fs, presetDirectory()));
  const changed = [...migrated].filter(([path, text]) => old.get(path) !== text);
  if (target === undefined) {
    for (const [path, text] of changed) await io.out(unifiedDiff(path, old.get(path), text));
    io.message(
      changed.length === 0
        ? `${folder} needs no change.`
        : `${changed.length} of ${migrated.size} files would change. Write them with --write NEW_DIR.`,
    );
    return EXIT.done;
  }
  const to = resolve(io.cwd, target);
  const isInPlace = to === root;
  const written = isInPlace ? changed : [...migrated];
  const present = isInPlace ? undefined : written.find(([path]) => io.fs.existsSync(join(to, path)));
  if (present !== undefined) throw fileExists(join(target, present[0]));
  for (const [path, text] of written) {
    io.fs.mkdirSync(dirname(join(to, path)), { recursive: true });
    io.fs.writeFileSync(join(to, path), text);
  }
  await io.out(
    `${written.length} files in ${target}, ${changed.length} of them changed. Use them with --config-path ${target}; ` +
      `episcope config validate --all --config-path ${target} checks them.\n`,
  );
  return EXIT.done;
}

/** The YAML files of a folder. */
function treeOf(fs: FileSystem, root: string): ConfigTree {
  const files = filesBelow(fs, root).filter((file) => file.endsWith(".yaml"));
  return new Map(
    files
      .sort()
      .map((file) => [relative(root, file).split(sep).join("/"), String(fs.readFileSync(file, "utf8"))]),
  );
}
