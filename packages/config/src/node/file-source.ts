import * as nodeFs from "node:fs";
import { join } from "node:path";
import type { ConfigSource, ConfigText } from "../source/config-source.js";
import { decodeUtf8 } from "../source/decode-utf8.js";

/** What a folder source needs of `node:fs`; `memfs` has it too. */
export interface FileSystem {
  readonly statSync: (
    path: string,
    options: { throwIfNoEntry: false },
  ) =>
    | { isDirectory(): boolean; isFile(): boolean; readonly mtimeMs: number; readonly size: number }
    | undefined;
  readonly readFileSync: (path: string) => Uint8Array;
  readonly readdirSync: (path: string) => string[];
  readonly realpathSync: (path: string) => string;
}

export interface FileSourceOptions {
  /** Default: `node:fs`. */
  readonly fs?: FileSystem;
  readonly provider?: string;
  /** How the folder is shown to people. Default: as given. */
  readonly label?: string;
}

interface KnownText {
  readonly mtimeMs: number;
  readonly size: number;
  readonly text: ConfigText;
}

/**
 * Configs from a folder. A file is read again only when its size or its time of change is another. A symbolic link
 * that leads out of the folder is treated as if nothing were there.
 */
export function fileSource(dir: string, options: FileSourceOptions = {}): ConfigSource {
  const fs = options.fs ?? (nodeFs as FileSystem);
  const label = options.label ?? dir;
  const known = new Map<string, KnownText>();
  let root: string | undefined;
  const stat = (path: string): ReturnType<FileSystem["statSync"]> => {
    try {
      return fs.statSync(path, { throwIfNoEntry: false });
    } catch {
      // Not a folder on the way, a name that is too long, no permission: there is nothing to read here.
      return undefined;
    }
  };
  const inside = (path: string): boolean => {
    root ??= fs.realpathSync(dir);
    const real = fs.realpathSync(path);
    return real === root || real.startsWith(root.endsWith("/") ? root : `${root}/`);
  };
  const isDirectory = (path: string): boolean => stat(path)?.isDirectory() === true && inside(path);
  return {
    scheme: "file",
    path: label,
    ...(options.provider === undefined ? {} : { provider: options.provider }),
    isAvailable: () => isDirectory(dir),
    isGroup: (group) => isDirectory(join(dir, group)),
    list: (group) => fs.readdirSync(join(dir, group)),
    read: (file) => {
      const path = join(dir, file);
      const info = stat(path);
      if (info?.isFile() !== true) return undefined;
      const { mtimeMs, size } = info;
      const before = known.get(file);
      if (before !== undefined && before.mtimeMs === mtimeMs && before.size === size) return before.text;
      if (!inside(path)) return undefined;
      const text = { text: decodeUtf8(fs.readFileSync(path), join(label, file)), label: join(label, file) };
      known.set(file, { mtimeMs, size, text });
      return text;
    },
  };
}
