import type { PlainObject, PlainValue } from "@episcope/records";
import { stringifyExtended } from "../format/extended-json.js";
import { type LoggedFile, loggedFile } from "./media.js";

/** Summary key of the one graph of a run. */
const GRAPH_KEY = "graph_0";

/**
 * The model's graph that a producer sends with the start of its stream: `meta.model_topology` is
 * `{format?: "torch" | "keras", nodes: [{id, name, class_name?, output_shape?, parameters?, num_parameters?}], edges: [[fromId, toId]]}`.
 *
 * `undefined`: nothing was sent. `null`: what was sent is no graph.
 */
export function modelGraph(meta: PlainObject): LoggedFile | null | undefined {
  const topology = Object.hasOwn(meta, "model_topology") ? meta["model_topology"] : undefined;
  if (topology === undefined) return undefined;
  if (!isObject(topology)) return null;
  const { nodes, edges, format = "torch" } = topology;
  const sound =
    Array.isArray(nodes) &&
    nodes.every((node) => isObject(node) && isId(node["id"]) && typeof node["name"] === "string") &&
    Array.isArray(edges) &&
    edges.every((edge) => Array.isArray(edge) && edge.length === 2 && edge.every(isId)) &&
    (format === "torch" || format === "keras");
  if (!sound) return null;
  const bytes = Buffer.from(stringifyExtended({ format, nodes, edges }));
  return loggedFile(GRAPH_KEY, "graph", "summary", "graph.json", "graph-file", bytes, {});
}

function isObject(value: PlainValue | undefined): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: PlainValue | undefined): boolean {
  return typeof value === "number" || typeof value === "string";
}
