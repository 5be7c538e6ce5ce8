import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { pluginInvalid, pluginLoadFailed, pluginNotAllowed } from "../contract/errors.js";
import type { PluginDefinition } from "../contract/plugin.js";

/** Where a plugin can be imported again, in a worker for instance. */
export interface PluginAddress {
  /** A file's URL or the name of a package. */
  readonly module: string;
  /** Name of the export. */
  readonly export: string;
}

export interface LoaderOptions {
  /** Absolute; targets that start with "." are relative to it. */
  readonly cwd: string;
  /** Paths of files or folders, relative to `cwd` or absolute, and names of packages. */
  readonly allowPlugins: readonly string[];
}

/** True for `./file.ts#export`, `/file.js`, `package#export` and `@scope/package`: a module, no name of the registry. */
export function isModuleTarget(target: string): boolean {
  return (
    /^\.{0,2}[/\\]/.test(target) ||
    target.includes("#") ||
    target.startsWith("@") ||
    /\.[cm]?[jt]s$/.test(target)
  );
}

/** Finds the module of a target and refuses it unless the program allows it; nothing is imported here. */
export function addressOfTarget(key: string, target: string, options: LoaderOptions): PluginAddress {
  const hash = target.lastIndexOf("#");
  const name = hash < 0 ? target : target.slice(0, hash);
  const exported = hash < 0 ? "default" : target.slice(hash + 1);
  if (exported === "") throw pluginInvalid(`${key}._target_`, `'${target}' ends in '#' without an export`);
  if (isFileName(name)) {
    // A link in an allowed folder may lead out of it, and an allowed entry may be a link: real paths are compared.
    const file = realPath(resolve(options.cwd, name));
    if (!options.allowPlugins.some((entry) => isWithin(file, realPath(resolve(options.cwd, entry))))) {
      throw pluginNotAllowed(key, target, options.allowPlugins);
    }
    return { module: pathToFileURL(file).href, export: exported };
  }
  if (!options.allowPlugins.includes(packageOf(name)))
    throw pluginNotAllowed(key, target, options.allowPlugins);
  return { module: moduleOfPackage(name, options.cwd), export: exported };
}

/** As the project in `cwd` sees the package; what only Episcope itself has installed keeps its name. */
function moduleOfPackage(name: string, cwd: string): string {
  try {
    return pathToFileURL(createRequire(pathToFileURL(resolve(cwd, "package.json"))).resolve(name)).href;
  } catch {
    return name;
  }
}

/** Imports a plugin; TypeScript goes through jiti, which is loaded only then. */
export async function importPlugin(key: string, address: PluginAddress): Promise<PluginDefinition> {
  let namespace: Record<string, unknown>;
  try {
    namespace = await importModule(address.module);
  } catch (cause) {
    throw pluginLoadFailed(key, address.module, cause);
  }
  const value: unknown = namespace[address.export];
  if (value === undefined) {
    throw pluginInvalid(
      `${key}._target_`,
      `'${address.module}' has no export '${address.export}'; it has ${Object.keys(namespace).join(", ") || "none"}`,
    );
  }
  return checkDefinition(key, value);
}

/** Refuses what `definePlugin` would not have returned. */
export function checkDefinition(where: string, value: unknown): PluginDefinition {
  const candidate = value as Partial<PluginDefinition> | null;
  if (typeof candidate !== "object" || candidate === null)
    throw pluginInvalid(where, "the plugin is no object");
  if (!["sink", "renderer", "format", "cleanup-policy", "hooks"].includes(candidate.kind as string)) {
    throw pluginInvalid(
      where,
      `the plugin's kind '${String(candidate.kind)}' is none of sink, renderer, format, cleanup-policy, hooks`,
    );
  }
  if (typeof candidate.name !== "string" || candidate.name === "")
    throw pluginInvalid(where, "the plugin has no name");
  if (typeof candidate.create !== "function") throw pluginInvalid(where, "the plugin has no create()");
  return value as PluginDefinition;
}

async function importModule(module: string): Promise<Record<string, unknown>> {
  if (/\.[cm]?tsx?$/.test(module)) {
    const [{ createJiti }, core, contract, records] = await Promise.all([
      import("jiti"),
      import("@episcope/core"),
      import("@episcope/core/plugin"),
      import("@episcope/records"),
    ]);
    // The plugin gets the very modules that run it, from source as from a build.
    const virtualModules = {
      "@episcope/core": core,
      "@episcope/core/plugin": contract,
      "@episcope/records": records,
    };
    const jiti = createJiti(import.meta.url, {
      interopDefault: false,
      tryNative: false,
      fsCache: false,
      virtualModules,
    });
    return (await jiti.import(module)) as Record<string, unknown>;
  }
  return (await import(module)) as Record<string, unknown>;
}

function isFileName(name: string): boolean {
  return (
    /^\.{1,2}[/\\]/.test(name) || isAbsolute(name) || (!name.startsWith("@") && /\.[cm]?[jt]s$/.test(name))
  );
}

/** What does not exist is refused or reported when it is imported. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isWithin(file: string, entry: string): boolean {
  return file === entry || file.startsWith(entry.endsWith("/") ? entry : `${entry}/`);
}

function packageOf(name: string): string {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}
