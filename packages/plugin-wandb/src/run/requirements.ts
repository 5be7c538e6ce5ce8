import { join } from "node:path";
import type { PlainObject } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";

/** The official client's name for the list of what a run was made with. */
export const REQUIREMENTS_FILE = "requirements.txt";

/** `meta.requirements` of a producer, a list like `["jax==0.10.0"]`; null where there is none. */
export function statedRequirements({ requirements }: PlainObject): readonly string[] | null {
  return Array.isArray(requirements) && requirements.every((line) => typeof line === "string")
    ? (requirements as string[])
    : null;
}

/** What the project in the working directory depends on, with the versions that are installed there. */
export function installedPackages(directory: string, fs: Pick<FileSystem, "readFileSync">): string[] {
  const { dependencies, devDependencies } = manifestIn(directory, fs);
  const names = [dependencies, devDependencies].flatMap((list) =>
    typeof list === "object" && list !== null ? Object.keys(list) : [],
  );
  const lines = names.flatMap((name) => {
    const { version } = manifestIn(join(directory, "node_modules", name), fs);
    return typeof version === "string" ? [`${name}==${version}`] : [];
  });
  return [...new Set(lines)].sort();
}

function manifestIn(
  directory: string,
  fs: Pick<FileSystem, "readFileSync">,
): { readonly [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(join(directory, "package.json"), "utf8"));
    return typeof value === "object" && value !== null ? (value as { [key: string]: unknown }) : {};
  } catch {
    return {};
  }
}
