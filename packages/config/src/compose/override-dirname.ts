import { select, selectNode } from "../omegaconf/access.js";
import { evaluateText } from "../omegaconf/evaluate.js";
import { toData } from "../omegaconf/output.js";
import { parseOverride } from "../override/parse-override.js";
import type { Resolver, ResolverCall } from "../tree/context.js";
import { configError } from "../tree/errors.js";
import { type ContainerNode, isContainer, type RawValue } from "../tree/node.js";
import { formatRaw } from "../tree/repr.js";

interface DirnameOptions {
  readonly keyAndValue: string;
  readonly between: string;
  readonly excluded: readonly string[];
  readonly element: string | undefined;
}

const OPTIONS = "the options of hydra_override_dirname";

/**
 * `${hydra_override_dirname:}`: the overrides of the job as one text that can be part of a folder's name. Its argument
 * has `kv_sep`, `item_sep`, `exclude_keys` and `element_resolver`; without one, `hydra.job.config.override_dirname` has.
 */
export const OVERRIDE_DIRNAME: Resolver = {
  arity: { min: 0, max: 1 },
  resolve: (call) => {
    const hydra = select(call.root, "hydra");
    if (!isContainer(hydra)) throw configError("CONFIG_VALUE", "Hydra's node is not set here");
    const options = call.args.length === 0 ? nodeOptions(hydra) : givenOptions(call.args[0]);
    const texts = toData(selectNode(hydra, "overrides.task") as ContainerNode) as readonly string[];
    const items = texts
      .filter((text) => !options.excluded.includes(parseOverride(text, { versionBase: "1.4" }).keyOrGroup))
      .sort(byCodePoint);
    return items.map((item) => shown(item, options, call)).join(options.between);
  },
};

function shown(text: string, options: DirnameOptions, call: ResolverCall): string {
  const item = text.replaceAll("=", () => options.keyAndValue);
  const resolved = item.includes("${") ? formatRaw(evaluateText(call.root, item)) : item;
  if (options.element === undefined) return resolved;
  const resolver = call.context.resolvers.get(options.element);
  if (resolver === undefined)
    throw configError("CONFIG_VALUE", `no resolver '${options.element}' is registered`);
  return formatRaw(resolver.resolve({ ...call, args: [resolved] }));
}

function nodeOptions(hydra: ContainerNode): DirnameOptions {
  const option = (name: string): RawValue => select(hydra, `job.config.override_dirname.${name}`);
  return {
    keyAndValue: textOf(option("kv_sep"), "kv_sep"),
    between: textOf(option("item_sep"), "item_sep"),
    excluded: textsOf(option("exclude_keys")),
    element: undefined,
  };
}

function givenOptions(argument: RawValue): DirnameOptions {
  const data = isContainer(argument) ? toData(argument, { resolve: true }) : argument;
  if (!(data instanceof Map)) throw configError("CONFIG_KIND", `${OPTIONS} must be a mapping`);
  const options = data as ReadonlyMap<string, RawValue>;
  const element = options.get("element_resolver") ?? undefined;
  return {
    keyAndValue: textOf(options.get("kv_sep") ?? (options.has("kv_sep") ? null : "="), "kv_sep"),
    between: textOf(options.get("item_sep") ?? (options.has("item_sep") ? null : ","), "item_sep"),
    excluded: options.has("exclude_keys") ? textsOf(options.get("exclude_keys")) : [],
    element: element === undefined ? undefined : textOf(element, "element_resolver"),
  };
}

function textOf(value: RawValue, name: string): string {
  if (typeof value !== "string") throw configError("CONFIG_KIND", `${OPTIONS}: ${name} must be a text`);
  return value;
}

function textsOf(value: RawValue): string[] {
  const data = isContainer(value) ? toData(value, { resolve: true }) : value;
  if (!Array.isArray(data) || !data.every((item) => typeof item === "string"))
    throw configError("CONFIG_KIND", `${OPTIONS}: exclude_keys must be a list of texts`);
  return data as string[];
}

/** As Python sorts texts. */
export function byCodePoint(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = a[index]!.codePointAt(0)! - b[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
