import { homedir } from "node:os";
import { join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { netrcPassword } from "./netrc.js";

/** Where a key may stand. It is never a config key: configs are saved, printed and uploaded. */
export interface KeyPlaces {
  readonly env: { readonly [name: string]: string | undefined };
  readonly fs: Pick<FileSystem, "readFileSync">;
  /** Variable that holds the key, for instance "WANDB_API_KEY". */
  readonly variable: string;
  /** Variable that names a file with the key and nothing else, for instance "WANDB_API_KEY_FILE". */
  readonly fileVariable: string;
  /** Address of the server that the key is for; `~/.netrc` (or what `NETRC` names) is looked up for its host. */
  readonly server: string;
}

/** The first key that is found: variable, file, netrc; null where there is none. */
export function findKey({ env, fs, variable, fileVariable, server }: KeyPlaces): string | null {
  const given = env[variable]?.trim();
  if (given) return given;
  const file = env[fileVariable];
  const kept = file ? readText(fs, file)?.trim() : undefined;
  if (kept) return kept;
  const home = env["HOME"] ?? env["USERPROFILE"] ?? homedir();
  const places = env["NETRC"] ? [env["NETRC"]] : [join(home, ".netrc"), join(home, "_netrc")];
  const { host, hostname } = new URL(server);
  for (const place of places) {
    const text = readText(fs, place);
    const password = text === null ? null : (netrcPassword(text, host) ?? netrcPassword(text, hostname));
    if (password) return password;
  }
  return null;
}

function readText(fs: KeyPlaces["fs"], path: string): string | null {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
