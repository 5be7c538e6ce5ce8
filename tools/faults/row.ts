import { spawnSync } from "node:child_process";

/** What a row measured, held against its limit. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly unit?: string;
  /** Which side of the limit is the good one. Default: at most. */
  readonly holds?: "at most" | "at least" | "exactly";
}

/** Why a row gave no figures: the feature is missing, or this machine cannot provoke the fault. */
export type Outcome =
  | { readonly figures: readonly Figure[]; readonly note?: string }
  | { readonly notBuilt: string }
  | { readonly notRun: string };

export interface RowContext {
  /** Fewer rounds, for CI. */
  readonly short: boolean;
  /** A new empty directory on the disk, removed after the row. */
  scratch(): string;
  /** Path of a child program. */
  child(name: string): string;
  /** Root of the repository. */
  readonly root: string;
}

/** One row of the matrix. */
export interface Row {
  /** As in the matrix: "P1". */
  readonly id: string;
  readonly fault: string;
  run(context: RowContext): Promise<Outcome> | Outcome;
}

export function holds({ value, limit, holds: side = "at most" }: Figure): boolean {
  if (Number.isNaN(value)) return false;
  if (side === "at most") return value <= limit;
  return side === "at least" ? value >= limit : value === limit;
}

/** A count that must be zero. */
export function none(what: string, value: number): Figure {
  return { what, value, limit: 0 };
}

/** A count that must be reached, or a share that must be whole. */
export function atLeast(what: string, value: number, limit: number): Figure {
  return { what, value, limit, holds: "at least" };
}

/** A time or a size that must not be passed. */
export function atMost(what: string, value: number, limit: number, unit: string): Figure {
  return { what, value, limit, unit };
}

/**
 * Seconds that this machine takes now to start an empty Node: how far other work holds it up. A limit in seconds is that of an
 * idle machine and some of these.
 */
export function startSeconds(): number {
  const times = [1, 2, 3].map(() => {
    const started = performance.now();
    spawnSync(process.execPath, ["-e", "0"]);
    return (performance.now() - started) / 1000;
  });
  return times.sort((one, other) => one - other)[1]!;
}

export function all(what: string, value: number, of: number): Figure {
  return { what, value, limit: of, holds: "exactly" };
}
