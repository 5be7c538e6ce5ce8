import { createHash } from "node:crypto";
import type { PlainObject, PlainValue } from "@episcope/records";
import canonicalize from "canonicalize";

/**
 * SHA-256 (hex) over the canonical JSON (RFC 8785) of a composed config without `hydra` and `storage.run_name`, so
 * that the same settings hash alike whenever and wherever they run. Give it the config with secrets unresolved.
 */
export function configHash(config: PlainObject): string {
  const { hydra: _hydra, storage, ...rest } = config;
  const { run_name: _name, ...kept } = (storage ?? {}) as PlainObject;
  const text = canonicalize(withNumberWords({ ...rest, storage: kept }));
  return createHash("sha256")
    .update(text ?? "")
    .digest("hex");
}

/** A config as files and sinks can hold it: integers beyond 2^53 are texts of their digits. */
export function plainConfig(config: object): PlainObject {
  return withoutBigints(config) as PlainObject;
}

function withoutBigints(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(withoutBigints);
  if (
    typeof value !== "object" ||
    value === null ||
    Object.prototype.toString.call(value) !== "[object Object]"
  )
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutBigints(member)]));
}

/** Canonical JSON has no NaN or infinity; a config may. */
function withNumberWords(value: PlainValue): PlainValue {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withNumberWords);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withNumberWords(member)]));
}
