import { join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { projectPluginsInvalid } from "../terminal/errors.js";

/** The list `episcope.plugins` of the project's package.json: what its configs may import as plugins. */
export function projectPlugins(cwd: string, fs: FileSystem): readonly string[] {
  const file = join(cwd, "package.json");
  if (!fs.existsSync(file)) return [];
  let manifest: unknown;
  try {
    manifest = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    // Not ours to judge: a project with a broken package.json allows nothing.
    return [];
  }
  const plugins = (manifest as { episcope?: { plugins?: unknown } } | null)?.episcope?.plugins ?? [];
  if (!Array.isArray(plugins) || plugins.some((entry) => typeof entry !== "string"))
    throw projectPluginsInvalid(file);
  return plugins as string[];
}
