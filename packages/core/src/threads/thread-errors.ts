import { EpiscopeError, type ErrorFields } from "@episcope/errors";
import { DiskSpaceError, PermissionError, StorageError } from "@episcope/records/store";
import { PartialFailure } from "../output/sink-lane.js";

/** What an error was, as far as somebody asks for its class. */
type ErrorKind = "storage" | "disk-space" | "permission" | "partial" | "episcope" | "error" | "value";

/** An error on its way between threads: plain data. */
export interface PackedError {
  readonly kind: ErrorKind;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly hint?: string;
  readonly fields?: ErrorFields;
  /** Of a StorageError. */
  readonly path?: string;
  /** Of a PartialFailure. */
  readonly remaining?: number;
  /** Of something thrown that is no error. */
  readonly value?: unknown;
  readonly cause?: PackedError;
}

/** A chain of causes that is longer is cut. */
const MAX_CAUSES = 8;

const CLASSES = { storage: StorageError, "disk-space": DiskSpaceError, permission: PermissionError } as const;

/** Takes an error, or whatever was thrown, apart. */
export function packError(thrown: unknown, depth = 0): PackedError {
  if (!(thrown instanceof Error)) return packValue(thrown);
  const { name, message, stack, cause } = thrown;
  const { code, hint, fields, path, remaining } = thrown as unknown as Record<string, unknown>;
  return {
    kind: kindOf(thrown),
    name: String(name),
    message: String(message),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof hint === "string" ? { hint } : {}),
    ...(isPlain(fields) ? { fields: fields as ErrorFields } : {}),
    ...(typeof path === "string" ? { path } : {}),
    ...(typeof remaining === "number" ? { remaining } : {}),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: packError(cause, depth + 1) }),
  };
}

/** Puts what was thrown together again: an error is of the class that it had if that means something to the pipeline. */
export function unpackError(packed: PackedError): unknown {
  if (packed.kind === "value") return packed.value;
  const error = create(packed);
  if (packed.stack !== undefined) error.stack = packed.stack;
  error.name = packed.name;
  return error;
}

function create(packed: PackedError): Error {
  const { kind, message, hint } = packed;
  const { code = "ERROR", fields = {} } = packed;
  const cause = packed.cause === undefined ? undefined : unpackError(packed.cause);
  switch (kind) {
    case "storage":
    case "disk-space":
    case "permission":
      return new CLASSES[kind](code, message, packed.path ?? "", hint ?? "", cause);
    case "partial":
      return new PartialFailure(packed.remaining ?? 0, cause ?? new Error(message));
    case "episcope":
      return new EpiscopeError(code, message, { ...(hint === undefined ? {} : { hint }), fields, cause });
    default: {
      const error = new Error(message, cause === undefined ? undefined : { cause });
      const { code, hint, fields, path } = packed;
      for (const [name, value] of Object.entries({ code, hint, fields, path }))
        if (value !== undefined) Object.assign(error, { [name]: value });
      return error;
    }
  }
}

/** Something that is no error; what cannot be copied is kept as its text. */
function packValue(value: unknown): PackedError {
  const message = textOfThrown(value);
  const isKept = value === null || typeof value !== "object" ? typeof value !== "symbol" : isPlain(value);
  if (!isKept || typeof value === "function") return { kind: "error", name: "Error", message };
  return { kind: "value", name: "value", message, value };
}

/** By name: a plugin may have a copy of these classes of its own. */
function kindOf(error: Error): ErrorKind {
  switch (error.name) {
    case "DiskSpaceError":
      return "disk-space";
    case "PermissionError":
      return "permission";
    case "StorageError":
      return "storage";
    case "PartialFailure":
      return "partial";
    default:
      if (error instanceof StorageError) return "storage";
      return typeof (error as { toJSON?: unknown }).toJSON === "function" && "fields" in error
        ? "episcope"
        : "error";
  }
}

/** Fields of an error are plain data by contract; what is not would not pass between threads. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function textOfThrown(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "something that has no text was thrown";
  }
}
