import { fullKey } from "../tree/keys.js";
import type { ConfigNode } from "../tree/node.js";
import { placeOf } from "../tree/place.js";

/** Where a value was written: file and position, or the override. */
interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly override?: string;
}

/** One thing that a schema finds wrong with a config. */
export interface Problem extends Place {
  readonly code:
    | "UNKNOWN_KEY"
    | "MISSING_KEY"
    | "VALUE_MISSING"
    | "VALUE_TYPE"
    | "VALUE_NOT_ALLOWED"
    | "UNRESOLVED";
  /** The key that the problem is about, as the user types it. */
  readonly key: string;
  readonly message: string;
  readonly hint?: string;
  /** For an override: where it was given, when not on the command line. */
  readonly from?: string;
  /** What would have been accepted. */
  readonly options?: readonly string[];
  /** The key or option that was probably meant. */
  readonly suggestion?: string;
}

/** One value of what is checked: its key, and where it was written. */
export interface Spot {
  readonly key: string;
  readonly place: () => Place;
}

/** A problem, and the spot that it is sorted by. */
export interface SpotProblem {
  readonly spot: Spot;
  readonly problem: Problem;
}

/** A problem of a spot: its key, unless another one is given, and where its value was written. */
export function problemAt(
  spot: Spot,
  { key = spot.key, ...rest }: Omit<Problem, "key" | keyof Place> & { readonly key?: string },
): SpotProblem {
  return { spot, problem: { key, ...rest, ...spot.place() } };
}

export function nodeSpot(node: ConfigNode): Spot {
  return { key: fullKey(node), place: () => placeIn(node) };
}

/** The place of a node's value; empty where it is unknown. */
export function placeIn(node: ConfigNode): Place {
  const found = placeOf(node);
  if (found?.origin.kind === "override") return { override: found.origin.text };
  if (found?.origin.kind !== "file") return {};
  const position = found.origin.position(found.path);
  return {
    file: found.origin.file,
    ...(position === undefined ? {} : { line: position.line, column: position.column }),
  };
}

/** A key without a value: `key=...` gives it one. */
export function withoutValue(spot: Spot): SpotProblem {
  return problemAt(spot, {
    code: "VALUE_MISSING",
    message: `'${spot.key}' has no value yet`,
    hint: `Give it one, for instance with the override '${spot.key}=...'.`,
  });
}
