import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/**
 * The packages that are published, by name: those of `packages/` that are not private.
 * @returns {{ name: string, directory: string, manifest: Record<string, any> }[]} absolute directories
 */
export function publicPackages() {
  return readdirSync(join(ROOT, "packages"))
    .map((folder) => join(ROOT, "packages", folder))
    .filter((directory) => existsSync(join(directory, "package.json")))
    .map((directory) => ({
      directory,
      manifest: JSON.parse(readFileSync(join(directory, "package.json"), "utf8")),
    }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ directory, manifest }) => ({ name: manifest.name, directory, manifest }));
}

/**
 * Builds the packages and packs them as a registry would get them. Throws where the build or npm fails.
 * @param {string} directory where the tarballs go; made where it is missing
 * @returns {{ name: string, file: string, files: string[], size: number }[]} absolute path, paths inside, bytes
 */
export function buildAndPack(directory) {
  const destination = resolve(directory);
  mkdirSync(destination, { recursive: true });
  must("npx", ["nx", "run-many", "-t", "build", "--output-style=static"]);
  const workspaces = publicPackages().flatMap(({ name }) => ["--workspace", name]);
  const json = must("npm", ["pack", "--json", "--pack-destination", destination, ...workspaces]);
  return Object.values(JSON.parse(json)).map(({ name, filename, files, size }) => ({
    name,
    file: join(destination, filename),
    files: files.map(({ path }) => path),
    size,
  }));
}

/** @returns {string} standard output */
function must(program, args) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return stdout;
  throw new Error(
    `'${program} ${args.slice(0, 2).join(" ")}' failed: ${error?.message ?? ""}\n${stdout}${stderr}`,
  );
}
