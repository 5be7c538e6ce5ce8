import { basename, join } from "node:path";
import { publicPackages } from "../pack/packages.mjs";

/**
 * Every public door with types: the entries of `exports` of the packages that are published.
 * @returns {{ name: string, directory: string, types: string, report: string }[]} `name` as it is imported; absolute paths
 *   of the package, of the built declarations and of the report
 */
export function publicDoors() {
  return publicPackages().flatMap(({ name, directory, manifest }) =>
    Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === "object" && target.types !== undefined)
      .map(([door, target]) => ({
        name: `${name}${door.slice(1)}`,
        directory,
        types: join(directory, target.types),
        report: join(directory, "api", `${door === "." ? "index" : basename(door)}.api.md`),
      })),
  );
}
