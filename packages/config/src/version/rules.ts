import type { VersionBase } from "./version-base.js";

/** What the versions of Hydra and OmegaConf do differently. Each name is a row of docs/compatibility.md. */
export interface Rules {
  // The override grammar.
  /** Keys may have brackets and escapes: `a[0].b`, `x\.y`. Such a key never selects a group. */
  readonly valuePaths: boolean;
  /** `key=extend_list(…)` appends to a list, and `json_str(…)` gives JSON text. */
  readonly listAndJsonFunctions: boolean;
  /** A cast applies to each value of a range, and keeps tags and shuffle. */
  readonly castsItems: boolean;
  /** Sorting a range keeps exactly its values, and ends a shuffle. */
  readonly sortsExactly: boolean;
  /** Values of a float range are exact decimals, start + i·step. */
  readonly exactRanges: boolean;

  // The defaults list.
  /** `..` and backslashes in paths, groups and options are refused. */
  readonly checksPaths: boolean;
  /** A config file is never asked for by the suffix `.yml`. */
  readonly refusesYml: boolean;
  /** `\???` chooses the option `???`; `~group=value` takes a text only. */
  readonly choicesAreValues: boolean;
  /** Only `optional` or `override` may stand before a group, and not both. */
  readonly checksKeywords: boolean;
  /** `group: sub/option` is `group/sub: option`. */
  readonly splitsOptions: boolean;
  /** `_group_` is a keyword of a package as its first segment only. */
  readonly groupKeywordFirst: boolean;
  /** `+group=option` counts from the root of the search path. */
  readonly appendsAtRoot: boolean;
  /** The last of several `override` entries wins, and overrides only what stands before it. */
  readonly lastOverrideWins: boolean;
  /** Interpolations are replaced as text once the rest of the tree is known. */
  readonly lateInterpolations: boolean;
  /** `~path/config` deletes a config that stands in the list by its path. */
  readonly deletesPaths: boolean;

  // Composing.
  /** A registered config of the name of a file is merged under it, as its schema. */
  readonly automaticSchemas: boolean;
  /** A registered config with the group `""` stands at the root. */
  readonly emptyGroupIsRoot: boolean;
  /** The hydra node, the texts of Hydra's own configs, and the version that the node tells. */
  readonly hydra: "1.3" | "1.4";
  /** `~key` looks for the node: null and missing values are deleted, items of lists too, `~key=null` only null. */
  readonly deletesNodes: boolean;
  /** `hydra.aliases` of the primary config. */
  readonly overrideAliases: boolean;
  /** A broken interpolation is reported as such, and not as a failed composition. */
  readonly syntaxErrorsAsTheyAre: boolean;
  /** A job of a sweep may not change the launcher or the sweeper. */
  readonly fixedSweepController: boolean;

  // Applications.
  /** `hydra.mode` is read from the command line and the primary config before composing, and a single run adds none. */
  readonly modeBeforeComposing: boolean;

  // OmegaConf.
  /** In key paths `\.`, `\[`, `\]` and `\=` stand for the character. */
  readonly keyPathEscapes: boolean;
  /** Key paths find integer keys, and a dict takes not both 1 and `"1"`. */
  readonly integerKeys: boolean;
  /** Indexes of lists may count from the end. */
  readonly negativeIndexes: boolean;
  /** Selecting a key above the root gives the default. */
  readonly selectsAboveRoot: boolean;
  /** `update` follows interpolations to containers, and refuses to go below null. */
  readonly updatesThrough: boolean;
  /** `resolveAll` refuses an interpolation to a missing value. */
  readonly resolveRaisesMissing: boolean;
  /** `resolveAll` makes containers of what resolvers return. */
  readonly resolvesResults: boolean;
  /** `toData` and `toYaml` ask each resolver node once. */
  readonly asksResolversOnce: boolean;
  /** `missingKeys` counts interpolations to missing values, and asks no custom resolver. */
  readonly missingThroughInterpolations: boolean;
  /** YAML is read and written as libyaml does, and aliases are limited. */
  readonly libyaml: boolean;
  /** Tuples stay tuples: lists that cannot be changed. */
  readonly tuples: boolean;

  // `instantiate`.
  /** `_recursive_: false` holds on mappings without `_target_` too. */
  readonly recursiveEverywhere: boolean;
  /** What the program gives may be no interpolation and no missing value. */
  readonly concreteCallValues: boolean;
  /** A mapping that the program gives replaces a configured one without `_target_`. */
  readonly callMappingsReplace: boolean;
  /** Interpolations are resolved when they are reached; the config is read-only while targets run. */
  readonly resolvesWhenReached: boolean;
  /** An error of a target comes as it is. */
  readonly targetErrorsAsTheyAre: boolean;
}

const BEFORE: Rules = {
  valuePaths: false,
  listAndJsonFunctions: false,
  castsItems: false,
  sortsExactly: false,
  exactRanges: false,
  checksPaths: false,
  refusesYml: false,
  choicesAreValues: false,
  checksKeywords: false,
  splitsOptions: false,
  groupKeywordFirst: false,
  appendsAtRoot: false,
  lastOverrideWins: false,
  lateInterpolations: false,
  deletesPaths: false,
  automaticSchemas: true,
  emptyGroupIsRoot: false,
  deletesNodes: false,
  overrideAliases: false,
  syntaxErrorsAsTheyAre: false,
  libyaml: false,
  fixedSweepController: false,
  modeBeforeComposing: false,
  hydra: "1.3",
  keyPathEscapes: false,
  integerKeys: false,
  negativeIndexes: false,
  selectsAboveRoot: false,
  updatesThrough: false,
  resolveRaisesMissing: false,
  resolvesResults: false,
  asksResolversOnce: false,
  missingThroughInterpolations: false,
  tuples: false,
  recursiveEverywhere: false,
  concreteCallValues: false,
  callMappingsReplace: false,
  resolvesWhenReached: false,
  targetErrorsAsTheyAre: false,
};

const RENEWED: Rules = {
  valuePaths: true,
  listAndJsonFunctions: true,
  castsItems: true,
  sortsExactly: true,
  exactRanges: true,
  checksPaths: true,
  refusesYml: true,
  choicesAreValues: true,
  checksKeywords: true,
  splitsOptions: true,
  groupKeywordFirst: true,
  appendsAtRoot: true,
  lastOverrideWins: true,
  lateInterpolations: true,
  deletesPaths: true,
  automaticSchemas: false,
  emptyGroupIsRoot: true,
  deletesNodes: true,
  overrideAliases: true,
  syntaxErrorsAsTheyAre: true,
  libyaml: true,
  fixedSweepController: true,
  modeBeforeComposing: true,
  hydra: "1.4",
  keyPathEscapes: true,
  integerKeys: true,
  negativeIndexes: true,
  selectsAboveRoot: true,
  updatesThrough: true,
  resolveRaisesMissing: true,
  resolvesResults: true,
  asksResolversOnce: true,
  missingThroughInterpolations: true,
  tuples: true,
  recursiveEverywhere: true,
  concreteCallValues: true,
  callMappingsReplace: true,
  resolvesWhenReached: true,
  targetErrorsAsTheyAre: true,
};

/** The rules of a version; those of 1.3 without one. */
export function rulesOf(versionBase: VersionBase | undefined): Rules {
  return versionBase === "1.4" ? RENEWED : BEFORE;
}
