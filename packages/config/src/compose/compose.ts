import { type DefaultsList, resolveDefaultsList } from "../defaults/defaults-list.js";
import { CompositionProblems } from "../defaults/errors.js";
import type { ConfigRepository } from "../defaults/repository.js";
import { select } from "../omegaconf/access.js";
import { createTree } from "../omegaconf/create.js";
import { toYaml } from "../omegaconf/output.js";
import { resolverEntries } from "../omegaconf/plain-resolver.js";
import type { Override } from "../override/override.js";
import { isHydraOverride } from "../override/override.js";
import type { ConfigSchema, Infer } from "../schema/infer-schema.js";
import type { ConfigSource } from "../source/config-source.js";
import type { TreeContext } from "../tree/context.js";
import { ConfigError } from "../tree/errors.js";
import { type DictNode, isContainer } from "../tree/node.js";
import { type Rules, rulesOf } from "../version/rules.js";
import { applyOverrides } from "./apply-overrides.js";
import { checkSchema } from "./check-schema.js";
import { Composition } from "./composition.js";
import { withHydraNode } from "./context.js";
import { aliasesNotPrimary, compositionFailed } from "./errors.js";
import { fillHydraNode } from "./hydra-node.js";
import { mergeConfigs } from "./merge-configs.js";
import { mergePlain } from "./plain-merge.js";
import { extendSearchPath } from "./search-path.js";
import { openSession, type SessionOptions } from "./session.js";
import { checkSweeps } from "./sweep-rules.js";

export interface ComposeOptions extends SessionOptions {
  /** In a `multirun` sweeps and missing choices pass. Default: `run`. */
  readonly mode?: "run" | "multirun";
  /** Whether sweeps are refused where they make no sense. Default: true. */
  readonly validateSweeps?: boolean;
  /** `hydra.job.name`, unless the config sets it. Default: `app`. */
  readonly jobName?: string;
  /** `hydra.job.num` and `hydra.job.id` of a job of a sweep. */
  readonly jobNumber?: number;
  /** `hydra.runtime.cwd`. Default: empty. */
  readonly cwd?: string;
  /** Opens an entry of `hydra.searchpath`; undefined for a scheme that it does not know. */
  readonly openSource?: (path: string, provider: string) => ConfigSource | undefined;
  /** Whether `${hydra:…}` reads Hydra's node, as inside an application. Default: true. */
  readonly hydraConfig?: boolean;
  /** @internal The config of the sweep that this is a job of; both have the same overrides of Hydra's node. */
  readonly sweep?: Composition<unknown>;
}

/** With what the config is checked against. */
interface SchemaOptions extends ComposeOptions {
  readonly schema?: ConfigSchema;
}

/**
 * Composes a config: defaults list, merge, overrides. With a `schema` (a JSON Schema, or a Standard Schema such as
 * zod's) the config is checked at once and has its type; a schema checks, and changes nothing. Pure: reads nothing but its arguments. A promise, so that
 * sources may become asynchronous without a change for callers.
 * @throws CompositionError, OverrideParseError, YamlError; several independent problems as CompositionProblems.
 */
export async function compose<const S extends ConfigSchema>(
  options: ComposeOptions & { readonly schema: S },
): Promise<Composition<Infer<S>>>;
export async function compose<T = Record<string, unknown>>(options: ComposeOptions): Promise<Composition<T>>;
export async function compose(options: SchemaOptions): Promise<Composition<unknown>> {
  return composeSync(options as ComposeOptions);
}

/** `compose` without the promise. */
export function composeSync<const S extends ConfigSchema>(
  options: ComposeOptions & { readonly schema: S },
): Composition<Infer<S>>;
export function composeSync<T = Record<string, unknown>>(options: ComposeOptions): Composition<T>;
export function composeSync(options: SchemaOptions): Composition<unknown> {
  try {
    const composition = composeSteps<unknown>(options);
    if (options.schema !== undefined) checkSchema(composition, options.schema);
    return composition;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const asItIs =
      rulesOf(options.versionBase).syntaxErrorsAsTheyAre && error.code === "INTERPOLATION_SYNTAX";
    throw asItIs ? error : compositionFailed(error);
  }
}

function composeSteps<T>(options: ComposeOptions): Composition<T> {
  const { name, mode = "run" } = options;
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const session = openSession(options);
  const { overrides } = session;
  const repository = extendSearchPath({
    repository: session.repository,
    name,
    overrides,
    openSource: options.openSource,
    context: session.context,
    warn,
  });
  if (options.validateSweeps !== false) checkSweeps(overrides, mode);
  const list = resolveDefaultsList({
    repository,
    name,
    overrides,
    prependHydra: true,
    skipMissing: mode === "multirun",
    hydra: session.hydra,
    context: session.context,
  });
  warnings.push(...list.warnings);
  const hydraSettled = options.sweep !== undefined && sameHydraChoices(options.sweep.choices, list.choices);
  const plain = mergePlain({ list, repository, overrides, hydraSettled }).config;
  const parts: TreeParts = {
    settings: settingsOf(options, session.context),
    list,
    repository,
    overrides,
    warn,
  };
  let tree = plain === undefined ? buildTree(parts) : undefined;
  return new Composition<T>({
    plain,
    build: () => {
      // The tree of plain data cannot fail, nor warn: what could was left to it from the beginning.
      tree ??= buildTree(parts);
      return tree;
    },
    choices: list.choices,
    overrides: {
      hydra: overrides.filter(isHydraOverride).map(({ text }) => text),
      task: overrides.filter((override) => !isHydraOverride(override)).map(({ text }) => text),
    },
    warnings,
    from: session.from,
    repository,
  });
}

/** Whether Hydra's own groups have the same options in both. */
function sameHydraChoices(one: Composition["choices"], other: Composition["choices"]): boolean {
  const of = (choices: Composition["choices"]): string =>
    JSON.stringify([...choices].filter(([key]) => key.startsWith("hydra/")).sort());
  return of(one) === of(other);
}

/** What the tree depends on beside the configs: copies, as it may be built after the caller has changed its own. */
interface Settings {
  readonly name: string | undefined;
  readonly jobName: string;
  readonly jobNumber: number | undefined;
  readonly cwd: string;
  readonly context: TreeContext;
  /** Whether `${hydra:…}` reads Hydra's node. */
  readonly hydraConfig: boolean;
}

function settingsOf(options: ComposeOptions, context: TreeContext): Settings {
  return {
    name: options.name,
    jobName: options.jobName ?? "app",
    jobNumber: options.jobNumber,
    cwd: options.cwd ?? "",
    context,
    hydraConfig:
      (options.hydraConfig ?? true) && !resolverEntries(options.resolvers).some(([name]) => name === "hydra"),
  };
}

interface TreeParts {
  readonly settings: Settings;
  readonly list: DefaultsList;
  readonly repository: ConfigRepository;
  readonly overrides: readonly Override[];
  readonly warn: (message: string) => void;
}

/** Merges the configs of the list, applies the overrides and fills in Hydra's node. */
function buildTree({ settings, list, repository, overrides, warn }: TreeParts): DictNode {
  // Hydra's node can be read once it is complete, not by what is composed before.
  let complete: DictNode | undefined;
  const context = settings.hydraConfig ? withHydraNode(settings.context, () => complete) : settings.context;
  const root = createTree(new Map(), { context }) as DictNode;
  mergeConfigs(root, list, repository, warn);
  root.struct = true;
  const hydra = root.peek("hydra");
  if (hydra !== undefined) hydra.readonly = false;

  const checkAliases = guardAliases(root, repository.rules);
  const indices = new Map<Override, number>(overrides.map((override, index) => [override, index]));
  const problems = applyOverrides(root, list.configOverrides, {
    originOf: (override) => ({ kind: "override", text: override.text, index: indices.get(override) ?? -1 }),
    groups: () => repository.shownSubgroups(""),
    rules: repository.rules,
  });
  checkAliases();
  if (problems.length > 0) throw problems.length === 1 ? problems[0]! : new CompositionProblems(problems);
  const { environment } = context;
  fillHydraNode({ root, list, repository, overrides, environment, ...settings });
  complete = root;
  return root;
}

/** Aliases belong to the primary config: overrides may not change them. Returns what looks whether one did. */
function guardAliases(root: DictNode, rules: Rules): () => void {
  if (!rules.overrideAliases) return () => {};
  const shown = (): string => {
    const aliases = select(root, "hydra.aliases", { throwOnResolutionFailure: false });
    return isContainer(aliases) ? toYaml(aliases) : "";
  };
  const before = shown();
  return () => {
    if (shown() !== before) throw aliasesNotPrimary("An override");
  };
}
