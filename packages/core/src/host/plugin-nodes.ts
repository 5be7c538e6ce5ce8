import type { PlainObject } from "@episcope/records";
import type { EpiscopeConfig, OverflowPolicy, PluginNode } from "../config/types.js";
import { extensionConflict, nodeUnknown, pluginCreateFailed } from "../contract/errors.js";
import type { PluginContext, PluginDefinition, PluginKind, PluginRoles } from "../contract/plugin.js";
import type { Renderer } from "../contract/roles.js";
import {
  formatToken,
  type InjectionToken,
  policyToken,
  type RunContainer,
  rendererToken,
  sinkToken,
} from "./container.js";
import type { PluginAddress } from "./plugin-loader.js";
import { checkOptions, splitNode } from "./plugin-options.js";
import type { PluginRegistry } from "./plugin-registry.js";

/** A node whose plugin is found and whose options are checked; nothing has been opened yet. */
export interface PlannedNode {
  readonly name: string;
  readonly key: string;
  readonly overflow: OverflowPolicy | undefined;
  readonly definition: PluginDefinition;
  /** Where a worker finds the plugin; null for one that lives in the program's memory only. */
  readonly address: PluginAddress | null;
  readonly options: Record<string, unknown>;
}

/** What a plugin in a worker is built from; plain data. */
export interface WorkerPlugin {
  readonly name: string;
  readonly configKey: string;
  readonly address: PluginAddress;
  readonly options: Record<string, unknown>;
}

/** All nodes that a run may need, found and checked before anything opens. */
export interface PlannedNodes {
  readonly sinks: readonly PlannedNode[];
  /** Those of `output_formats`. */
  readonly renderers: readonly PlannedNode[];
  readonly format: PlannedNode | null;
  readonly policy: PlannedNode | null;
  /** What the plugins say to their options beside the rest of the config. */
  readonly warnings: readonly string[];
}

export interface NodePlanner {
  readonly config: EpiscopeConfig;
  readonly registry: PluginRegistry;
  readonly container: RunContainer;
}

const SINK_KINDS: readonly PluginKind[] = ["sink", "hooks"];

/**
 * Finds the plugins of the config's nodes and checks their options. Throws at the first node that is wrong; with `onWrong` the
 * others do without it.
 */
export async function planNodes(
  planner: NodePlanner,
  onWrong?: (key: string, error: unknown) => void,
): Promise<PlannedNodes> {
  const { visualization } = planner.config;
  const planned = async (
    key: string,
    plan: () => Promise<PlannedNode | null>,
  ): Promise<readonly PlannedNode[]> => {
    try {
      const node = await plan();
      return node === null ? [] : [node];
    } catch (error) {
      if (onWrong === undefined) throw error;
      onWrong(key, error);
      return [];
    }
  };
  const sinks: PlannedNode[] = [];
  for (const { key, name, node } of sinkNodes(planner.config))
    sinks.push(...(await planned(key, () => planSink(planner, key, name, node))));
  const renderers: PlannedNode[] = [];
  for (const name of visualization.output_formats)
    renderers.push(...(await planned(`visualization.renderers.${name}`, () => planRenderer(planner, name))));
  const [format = null] = await planned("logging.log_format", () => planFormat(planner));
  const [policy = null] = await planned("storage.cleanup_policy", () => planPolicy(planner));
  const all = [...sinks, ...renderers, format, policy];
  const warnings = all.flatMap(
    (node) => node?.definition.check?.(node.options, planner.config as unknown as PlainObject) ?? [],
  );
  return { sinks, renderers, format, policy, warnings };
}

/** The nodes of a config that take records: those of `logging.sinks`, and what names a plugin beside it. */
export function sinkNodes(
  config: EpiscopeConfig,
): { readonly key: string; readonly name: string; readonly node: PluginNode }[] {
  const { sinks, ...beside } = config.logging;
  const own = Object.entries(sinks).map(([name, node]) => ({ key: `logging.sinks.${name}`, name, node }));
  const others = Object.entries(beside as { readonly [name: string]: unknown }).flatMap(([name, node]) =>
    isPluginNode(node) ? [{ key: `logging.${name}`, name, node }] : [],
  );
  return [...own, ...others];
}

function isPluginNode(value: unknown): value is PluginNode {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "_target_");
}

/** Null if the node says `enabled: false`. */
export function planSink(
  planner: NodePlanner,
  key: string,
  name: string,
  node: PluginNode,
): Promise<PlannedNode | null> {
  return planNode(planner, key, name, node, SINK_KINDS, sinkToken(name));
}

/** Null if the node says `enabled: false`. */
export async function planRenderer(planner: NodePlanner, name: string): Promise<PlannedNode | null> {
  const { renderers } = planner.config.visualization;
  const node = select(renderers, name, "visualization.output_formats", "visualization.renderers");
  return planNode(planner, `visualization.renderers.${name}`, name, node, ["renderer"], rendererToken(name));
}

/** The format of `logging.log_format`; null without a journal to export. */
export async function planFormat(planner: NodePlanner): Promise<PlannedNode | null> {
  const { logging } = planner.config;
  if (!logging.structured_logging) return null;
  const name = logging.log_format;
  const node = select(logging.formats, name, "logging.log_format", "logging.formats");
  const extra = { compression: logging.compression };
  return planNode(planner, `logging.formats.${name}`, name, node, ["format"], formatToken(name), extra);
}

/** The policy of `storage.cleanup_policy`. */
export async function planPolicy(planner: NodePlanner): Promise<PlannedNode | null> {
  const { policies, cleanup_policy: name } = planner.config.storage;
  const node = select(policies, name, "storage.cleanup_policy", "storage.policies");
  return planNode(planner, `storage.policies.${name}`, name, node, ["cleanup-policy"], policyToken(name));
}

async function planNode(
  { config, registry, container }: NodePlanner,
  key: string,
  name: string,
  node: PluginNode,
  kinds: readonly PluginKind[],
  token: InjectionToken<unknown>,
  extra: Record<string, unknown> = {},
): Promise<PlannedNode | null> {
  const { target, enabled, overflow, options } = splitNode(node);
  if (!enabled) return null;
  if (container.has(token))
    return {
      name,
      key,
      overflow,
      definition: replacedBy(container, token, kinds[0]!, target),
      address: null,
      options: {},
    };
  const { definition, address } = await registry.find(key, target, kinds);
  return {
    ...{ name, key, overflow, definition, address },
    options: checkOptions(key, definition, options, config, extra),
  };
}

/** The program registered this node itself; its plugin is not asked. */
function replacedBy(
  container: RunContainer,
  token: InjectionToken<unknown>,
  kind: PluginKind,
  name: string,
): PluginDefinition {
  return { kind, name, create: () => container.resolve(token) as never };
}

function select(
  nodes: { readonly [name: string]: PluginNode },
  name: string,
  key: string,
  group: string,
): PluginNode {
  if (!Object.hasOwn(nodes, name)) throw nodeUnknown(key, name, group, Object.keys(nodes));
  return nodes[name]!;
}

/** Builds a node's instance; an error names the node. */
export async function buildNode<Role extends PluginRoles[PluginKind]>(
  node: PlannedNode,
  context: PluginContext,
): Promise<Role> {
  try {
    return (await node.definition.create(node.options, context)) as Role;
  } catch (cause) {
    throw pluginCreateFailed(node.key, node.definition.name, cause);
  }
}

/** Refuses two renderers that would write the same files. */
export function checkExtensions(
  renderers: readonly { readonly name: string; readonly renderer: Pick<Renderer, "extension"> }[],
): void {
  const owner = new Map<string, string>();
  for (const { name, renderer } of renderers) {
    const other = owner.get(renderer.extension);
    if (other !== undefined) throw extensionConflict(other, name, renderer.extension);
    owner.set(renderer.extension, name);
  }
}

/** What a worker needs to build the node again; only for one with an address. */
export function workerPlugin({ name, key, address, options }: PlannedNode): WorkerPlugin {
  if (address === null) throw new Error(`${key} lives in the program's memory`);
  return { name, configKey: key, address, options };
}
