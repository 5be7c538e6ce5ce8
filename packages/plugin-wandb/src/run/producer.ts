import { readFileSync } from "node:fs";

/**
 * Name and version of the program, as "episcope VERSION", for the official readers. The version is read from the nearest
 * package.json above `file` that has one: this package's, or that of a program which bundles it.
 */
export function producer(file: string = import.meta.url): string {
  let directory = new URL(".", file);
  for (;;) {
    const version = versionIn(directory);
    if (version !== null) return `episcope ${version}`;
    const parent = new URL("..", directory);
    if (parent.href === directory.href) return "episcope";
    directory = parent;
  }
}

/** Null where there is no package.json, or none with a version: a missing version must not cost the run its log. */
function versionIn(directory: URL): string | null {
  try {
    const text = readFileSync(new URL("package.json", directory), "utf8");
    const { version } = JSON.parse(text) as { version?: unknown };
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}
