import type { FileSystem } from "@episcope/records/store";
import { findKey } from "@episcope/tracker";

const DEFAULT_SERVER = "https://api.wandb.ai";

export type Environment = { readonly [name: string]: string | undefined };

/** Whether a run is uploaded, and where to. */
export type UploadMode =
  | { readonly kind: "online"; readonly baseUrl: string; readonly key: string }
  /** `asked`: the user wants it so, and is not told how to change it. */
  | { readonly kind: "offline"; readonly baseUrl: string; readonly asked: boolean };

/**
 * `offline_mode`, or WANDB_MODE of `offline`, `dryrun` or `disabled`: never. Otherwise online where a key is found for the
 * server, which is WANDB_BASE_URL or W&B's own.
 */
export function uploadMode(
  isOffline: boolean,
  env: Environment,
  fs: Pick<FileSystem, "readFileSync">,
): UploadMode {
  const baseUrl = serverOf(env);
  if (isOffline || /^(offline|dryrun|disabled)$/i.test(env["WANDB_MODE"] ?? "")) {
    return { kind: "offline", baseUrl, asked: true };
  }
  const key = findKey({
    env,
    fs,
    variable: "WANDB_API_KEY",
    fileVariable: "WANDB_API_KEY_FILE",
    server: baseUrl,
  });
  return key === null ? { kind: "offline", baseUrl, asked: false } : { kind: "online", baseUrl, key };
}

function serverOf(env: Environment): string {
  const given = env["WANDB_BASE_URL"]?.trim();
  return given !== undefined && URL.canParse(given) ? given.replace(/\/+$/, "") : DEFAULT_SERVER;
}
