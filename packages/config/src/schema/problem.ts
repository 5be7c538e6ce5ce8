import { fullKey } from "../tree/keys.js";
import type { ConfigNode } from "../tree/node.js";
import { placeOf } from "../tree/place.js";

/** One thing that a schema finds wrong with a config. */
export interface Problem {
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
  /** Where the value was written: file and position, or the override. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly override?: string;
  /** What would have been accepted. */
  readonly options?: readonly string[];
  /** The key or option that was probably meant. */
  readonly suggestion?: string;
}

/** A problem, and the node that it is sorted by. */
export interface NodeProblem {
  readonly node: ConfigNode;
  readonly problem: Problem;
}

/** A problem of a node: its key, unless another one is given, and where its value was written. */
export function problemAt(
  node: ConfigNode,
  {
    key = fullKey(node),
    ...rest
  }: Omit<Problem, "key" | "file" | "line" | "column" | "override"> & { readonly key?: string },
): NodeProblem {
  return { node, problem: { key, ...rest, ...placeIn(node) } };
}

function placeIn(node: ConfigNode): Pick<Problem, "file" | "line" | "column" | "override"> {
  const found = placeOf(node);
  if (found?.origin.kind === "override") return { override: found.origin.text };
  if (found?.origin.kind !== "file") return {};
  const position = found.origin.position(found.path);
  return {
    file: found.origin.file,
    ...(position === undefined ? {} : { line: position.line, column: position.column }),
  };
}
