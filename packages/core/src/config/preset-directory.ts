import { fileURLToPath } from "node:url";

/**
 * Absolute path of the preset tree, `pkg://episcope/conf`: the copy that the build puts beside the compiled
 * code or, from source, the repository's `conf/`.
 */
export function presetDirectory(): string {
  const fromSource = import.meta.url.endsWith(".ts");
  return fileURLToPath(new URL(fromSource ? "../../../../conf/" : "../conf/", import.meta.url));
}
