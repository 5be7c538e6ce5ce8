import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** A file system of its own, of a given size. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  makeReadOnly(): void;
}

/** Mounts a tmpfs at `path`; a text says why this machine cannot. */
export function mountSmallDisk(path: string, size: string): SmallDisk | string {
  mkdirSync(path, { recursive: true });
  const mounted = mount("-t", "tmpfs", "-o", `size=${size},mode=777`, "tmpfs", path);
  if (mounted !== null) return `a tmpfs cannot be mounted (${mounted})`;
  return {
    path,
    makeReadOnly() {
      const failure = mount("-o", "remount,ro", path);
      if (failure !== null) throw new Error(failure);
    },
    [Symbol.dispose]() {
      spawnSync("umount", ["-l", path]);
    },
  };
}

function mount(...args: string[]): string | null {
  const { status, error, stderr } = spawnSync("mount", args, { encoding: "utf8" });
  return status === 0 ? null : (error?.message ?? stderr.trim());
}
