import { checkConfig } from "../config/check-config.js";
import type { EpiscopeConfig, PluginNode } from "../config/types.js";
import { textOf } from "../contract/errors.js";
import type { PluginKind } from "../contract/plugin.js";
import {
  type NodePlanner,
  type PlannedNode,
  planFormat,
  planPolicy,
  planRenderer,
  planSink,
  providersOf,
  sinkNodes,
} from "./plugin-nodes.js";
import { type PluginPlace, placeOf } from "./plugin-place.js";
import { type PluginsWithoutRunOptions, pluginsWithoutRun } from "./plugins-without-run.js";

/** What a run of a config would do with one of its nodes. */
export interface PluginPlacement {
  /** Of the node. */
  readonly key: string;
  /** Its `_target_`. */
  readonly target: string;
  readonly kind: PluginKind;
  /** Null for a node that the config does not use, or whose plugin cannot be had. */
  readonly place: PluginPlace | null;
  /** Why there is no place. */
  readonly problem: string | null;
}

export interface DescribedPlugins {
  /** Names that `_target_` may use without a module. */
  readonly installed: readonly { readonly kind: PluginKind; readonly names: readonly string[] }[];
  /** Of every node of the config. */
  readonly nodes: readonly PluginPlacement[];
}

const KINDS: readonly PluginKind[] = ["sink", "hooks", "renderer", "format", "cleanup-policy"];

/**
 * Says for every node of a config which plugin it names and where that would run, and what is installed. Nothing is opened
 * and nothing is written; the modules of the plugins that the config uses are imported. Throws CONFIG_INVALID.
 */
export async function describePlugins(
  composed: unknown,
  options: PluginsWithoutRunOptions = {},
): Promise<DescribedPlugins> {
  const config = checkConfig(composed);
  const { planner, fs, clock } = pluginsWithoutRun(config, { name: "run", dir: "run" }, options);
  const found: { readonly about: AboutNode; readonly planned: PlannedNode | null; problem: string | null }[] =
    [];
  for (const { key, node, kind, unused, plan } of candidates(planner)) {
    const about = { key, target: node._target_, kind };
    if (unused !== null) {
      found.push({ about, planned: null, problem: unused });
      continue;
    }
    try {
      const planned = await plan();
      found.push({ about, planned, problem: planned === null ? "not used: enabled is false" : null });
    } catch (error) {
      found.push({ about, planned: null, problem: textOf(error) });
    }
  }
  const providers = providersOf(found.map(({ planned }) => planned));
  const world = { config, fs, clock, container: planner.container, providers };
  const nodes = found.map(
    ({ about, planned, problem }): PluginPlacement =>
      planned === null
        ? { ...about, place: null, problem }
        : { ...about, kind: planned.definition.kind, place: placeOf(planned, world), problem: null },
  );
  const installed = KINDS.map((kind) => ({ kind, names: planner.registry.names([kind]).sort() }));
  return { installed: installed.filter(({ names }) => names.length > 0), nodes };
}

type AboutNode = Pick<PluginPlacement, "key" | "target" | "kind">;

interface Candidate {
  readonly key: string;
  readonly node: PluginNode;
  readonly kind: PluginKind;
  /** Why the config does not use it; null if it does. */
  readonly unused: string | null;
  plan(): Promise<PlannedNode | null>;
}

function candidates(planner: NodePlanner): Candidate[] {
  const { visualization, logging, storage }: EpiscopeConfig = planner.config;
  const of = (group: string, nodes: { readonly [name: string]: PluginNode }, kind: PluginKind) =>
    Object.entries(nodes).map(([name, node]) => ({ name, node, kind, key: `${group}.${name}` }));
  return [
    ...sinkNodes(planner.config).map(({ key, name, node }) => ({
      ...{ key, node, kind: "sink" as const, unused: null },
      plan: () => planSink(planner, { key, name, node }),
    })),
    ...of("visualization.renderers", visualization.renderers, "renderer").map((entry) => ({
      ...entry,
      unused: visualization.output_formats.includes(entry.name)
        ? null
        : "not in visualization.output_formats: draws only what a sink accepts",
      plan: () => planRenderer(planner, entry.name),
    })),
    ...of("logging.formats", logging.formats, "format").map((entry) => ({
      ...entry,
      unused: !logging.structured_logging
        ? "not used: logging.structured_logging is false"
        : entry.name === logging.log_format
          ? null
          : `not used: logging.log_format is ${logging.log_format}`,
      plan: () => planFormat(planner),
    })),
    ...of("storage.policies", storage.policies, "cleanup-policy").map((entry) => ({
      ...entry,
      unused:
        entry.name === storage.cleanup_policy
          ? null
          : `not used: storage.cleanup_policy is ${storage.cleanup_policy}`,
      plan: () => planPolicy(planner),
    })),
  ];
}
