import { isAbsolute, join } from "node:path";
import type { ConfigSource } from "../source/config-source.js";
import { type FileSystem, fileSource } from "./file-source.js";

export interface OpenSourceOptions {
  /** What relative folders are relative to. */
  readonly cwd: string;
  /** Folders of packages, for `pkg://NAME` and `pkg://NAME/FOLDER`. */
  readonly packages?: ReadonlyMap<string, string>;
  readonly fs?: FileSystem;
}

/** Opens entries of `hydra.searchpath`: `file://DIR`, a plain folder, `pkg://NAME`. For `compose({ openSource })`. */
export function openSourceIn(
  options: OpenSourceOptions,
): (path: string, provider: string) => ConfigSource | undefined {
  const { cwd, packages = new Map() } = options;
  const fs = options.fs === undefined ? {} : { fs: options.fs };
  return (path, provider) => {
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(path)?.[1];
    if (scheme === undefined || scheme === "file") {
      const folder = scheme === undefined ? path : path.slice("file://".length);
      return fileSource(isAbsolute(folder) ? folder : join(cwd, folder), { ...fs, provider, label: folder });
    }
    if (scheme !== "pkg") return undefined;
    const [name, below] = splitPackage(path.slice("pkg://".length), packages);
    const root = packages.get(name);
    const source = fileSource(root === undefined ? "" : join(root, below), {
      ...fs,
      provider,
      label: path.slice(6),
    });
    return root === undefined
      ? { ...source, scheme, isAvailable: () => false, isGroup: () => false, read: () => undefined }
      : { ...source, scheme };
  };
}

/** The longest package name that the path begins with, and what follows it. */
function splitPackage(path: string, packages: ReadonlyMap<string, string>): [name: string, below: string] {
  const segments = path.replace(/\/+$/, "").split("/");
  for (let length = segments.length; length > 0; length--) {
    const name = segments.slice(0, length).join("/");
    if (packages.has(name)) return [name, segments.slice(length).join("/")];
  }
  return [path, ""];
}
