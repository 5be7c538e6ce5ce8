import type { PlainObject } from "@episcope/records";
import { type EpiscopeConfig, NO_FORMAT, type OverflowPolicy, type PluginNode } from "../config/types.js";
import { extensionConflict, nodeUnknown } from "../contract/errors.js";
import type { PluginContext, PluginDefinition, PluginKind, PluginRoles } from "../contract/plugin.js";
import type { Renderer } from "../contract/roles.js";
import {
  formatToken,
  policyToken,
  rendererToken,
  type ServiceToken,
  sinkToken,
} from "../contract/services.js";
import { buildPlugin } from "./build-plugin.js";
import type { RunContainer } from "./container.js";
import type { PluginAddress } from "./plugin-loader.js";
import { checkOptions, splitNode } from "./plugin-options.js";
import type { PluginRegistry } from "./plugin-registry.js";

/** A node whose plugin is found and whose options are checked; nothing has been opened yet. */
export interface PlannedNode {
  readonly name: string;
  readonly key: string;
  readonly overflow: OverflowPolicy | undefined;
  /** Under it the program may have registered what stands here instead of the plugin. */
  readonly token: ServiceToken<unknown>;
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
  /** Services that plugins provide to others, with the keys of those plugins' nodes. */
  readonly providers: ReadonlyMap<ServiceToken<unknown>, string>;
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
  for (const node of sinkNodes(planner.config))
    sinks.push(...(await planned(node.key, () => planSink(planner, node))));
  const renderers: PlannedNode[] = [];
  for (const name of visualization.output_formats)
    renderers.push(...(await planned(`visualization.renderers.${name}`, () => planRenderer(planner, name))));
  const [format = null] = await planned("logging.log_format", () => planFormat(planner));
  const [policy = null] = await planned("storage.cleanup_policy", () => planPolicy(planner));
  const all = [...sinks, ...renderers, format, policy];
  const warnings = all.flatMap(
    (node) => node?.definition.check?.(node.options, planner.config as unknown as PlainObject) ?? [],
  );
  return { sinks, renderers, format, policy, warnings, providers: providersOf(all) };
}

/** Services that plugins provide to others, with the keys of those plugins' nodes. */
export function providersOf(
  nodes: readonly (PlannedNode | null)[],
): ReadonlyMap<ServiceToken<unknown>, string> {
  return new Map(
    nodes.flatMap((node) => (node?.definition.provides ?? []).map((token) => [token, node!.key] as const)),
  );
}

/** The nodes of a config that take records: those of `logging.sinks`, and what names a plugin beside it. */
export function sinkNodes(config: EpiscopeConfig): SinkNode[] {
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

/** A node of `sinkNodes`. */
export interface SinkNode {
  readonly key: string;
  readonly name: string;
  readonly node: PluginNode;
}

/** Null if the node says `enabled: false`. */
export function planSink(planner: NodePlanner, { key, name, node }: SinkNode): Promise<PlannedNode | null> {
  return planNode(planner, { key, name, node, kinds: SINK_KINDS, token: sinkToken(name) });
}

/** Null if the node says `enabled: false`. */
export async function planRenderer(planner: NodePlanner, name: string): Promise<PlannedNode | null> {
  const nodes = planner.config.visualization.renderers;
  const place = { name, setting: "visualization.output_formats", group: "visualization.renderers" };
  return planNode(planner, { ...select(nodes, place), kinds: ["renderer"], token: rendererToken(name) });
}

/** The format of `logging.log_format`; null for none, and without a journal to export. */
export async function planFormat(planner: NodePlanner): Promise<PlannedNode | null> {
  const { structured_logging: isKept, log_format: name, formats, compression } = planner.config.logging;
  if (!isKept || name === NO_FORMAT) return null;
  const place = select(formats, { name, setting: "logging.log_format", group: "logging.formats" });
  return planNode(planner, { ...place, kinds: ["format"], token: formatToken(name), extra: { compression } });
}

/** The policy of `storage.cleanup_policy`. */
export async function planPolicy(planner: NodePlanner): Promise<PlannedNode | null> {
  const { policies, cleanup_policy: name } = planner.config.storage;
  const place = select(policies, { name, setting: "storage.cleanup_policy", group: "storage.policies" });
  return planNode(planner, { ...place, kinds: ["cleanup-policy"], token: policyToken(name) });
}

interface NodeToPlan extends SinkNode {
  /** What may stand there. */
  readonly kinds: readonly PluginKind[];
  readonly token: ServiceToken<unknown>;
  /** Settings of the group that the plugin gets where the node is silent. */
  readonly extra?: Record<string, unknown>;
}

async function planNode(
  { config, registry, container }: NodePlanner,
  { key, name, node, kinds, token, extra = {} }: NodeToPlan,
): Promise<PlannedNode | null> {
  const { target, enabled, overflow, options } = splitNode(node);
  if (!enabled) return null;
  const planned = { name, key, overflow, token };
  if (container.isProgramsOwn(token)) {
    const create = (): never => container.resolve(token) as never;
    // The program registered this node itself; its plugin is not asked.
    return { ...planned, definition: { kind: kinds[0]!, name: target, create }, address: null, options: {} };
  }
  const { definition, address } = await registry.find(key, target, kinds);
  return {
    ...planned,
    definition,
    address,
    options: checkOptions({ key, options, extra }, definition, config),
  };
}

interface SelectedPlace {
  readonly name: string;
  /** Key that names the node. */
  readonly setting: string;
  /** Key that holds the nodes. */
  readonly group: string;
}

function select(
  nodes: { readonly [name: string]: PluginNode },
  { name, setting, group }: SelectedPlace,
): SinkNode {
  if (!Object.hasOwn(nodes, name)) throw nodeUnknown(setting, name, { group, options: Object.keys(nodes) });
  return { key: `${group}.${name}`, name, node: nodes[name]! };
}

/** Builds a node's instance. Throws PLUGIN_CREATE_FAILED, and PLUGIN_INVALID for one that is not what its kind has to be. */
export function buildNode<Role extends PluginRoles[PluginKind]>(
  { key, definition, options }: Pick<PlannedNode, "key" | "definition" | "options">,
  context: PluginContext,
): Promise<Role> {
  return buildPlugin<Role>(definition, { key, options }, context);
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
