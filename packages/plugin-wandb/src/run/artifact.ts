import { createHash } from "node:crypto";
import type { ArtifactEntry, ArtifactRecord } from "../format/wandb-records.js";

const ID_LENGTH = 128;

export interface ArtifactOptions {
  readonly runId: string;
  readonly entity: string | null;
  readonly project: string;
  readonly type: string;
  readonly name: string;
  readonly entries: readonly ArtifactEntry[];
  /** What makes this run different from others: ids are derived from it, so that a resumed run says the same again. */
  readonly seed: string;
}

/** A version of an artifact, with W&B's own digest of its contents: the same files are the same version. */
export function artifactRecord({ seed, ...about }: ArtifactOptions): ArtifactRecord {
  const entries = [...about.entries].sort((one, other) => (one.path < other.path ? -1 : 1));
  const digest = manifestDigest(entries);
  return {
    ...{ kind: "artifact", ...about, entries, digest },
    clientId: clientId(`${seed}\n${about.name}\n${digest}`),
    sequenceClientId: clientId(`${seed}\n${about.name}`),
  };
}

/** The entry of a file, whose bytes are given. */
export function artifactEntry(path: string, bytes: Uint8Array, localPath: string): ArtifactEntry {
  return { path, digest: base64Md5(bytes), size: bytes.length, localPath };
}

export function base64Md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}

function manifestDigest(entries: readonly ArtifactEntry[]): string {
  const hash = createHash("md5").update("wandb-artifact-manifest-v1\n");
  for (const { path, digest } of entries) hash.update(`${path}:${digest}\n`);
  return hash.digest("hex");
}

/** In W&B's own form: 128 characters of `[a-z0-9]`. */
function clientId(seed: string): string {
  const bytes = ["0", "1"].map((part) => createHash("sha512").update(`${part}\n${seed}`).digest("hex"));
  return BigInt(`0x${bytes.join("")}`)
    .toString(36)
    .slice(-ID_LENGTH)
    .padStart(ID_LENGTH, "0");
}
