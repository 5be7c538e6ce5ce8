import { spawnSync } from "node:child_process";

/** What a run was made with, as git knows it. */
export interface GitState {
  readonly commit: string;
  /** Address of `origin` without user and password; null where there is none. */
  readonly remote: string | null;
  /** What differs from the commit, untracked files aside; empty where nothing does. */
  readonly diff: Uint8Array;
}

const TIMEOUT_MS = 5_000;
const MAX_DIFF_BYTES = 10 * 1024 * 1024;

/** Null outside a repository, before its first commit, and without git. A diff above 10 MiB is left out. */
export function gitState(directory: string): GitState | null {
  const commit = git(directory, ["rev-parse", "HEAD"]);
  if (commit === null) return null;
  return {
    commit: commit.toString("utf8").trim(),
    remote: withoutCredentials(git(directory, ["config", "--get", "remote.origin.url"])),
    diff: git(directory, ["diff", "HEAD", "--no-color", "--no-ext-diff"]) ?? Buffer.of(),
  };
}

function git(directory: string, words: readonly string[]): Buffer | null {
  const options = { cwd: directory, timeout: TIMEOUT_MS, maxBuffer: MAX_DIFF_BYTES } as const;
  const { status, stdout } = spawnSync("git", words, { ...options, stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout : null;
}

function withoutCredentials(address: Buffer | null): string | null {
  const text = address?.toString("utf8").trim() ?? "";
  if (text === "") return null;
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href;
}
