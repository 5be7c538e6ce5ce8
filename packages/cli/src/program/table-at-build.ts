// Evaluated when the package is built, where TABLE becomes a constant: completion is to load little.
import { type Composition, composeSync } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { CONFIG_SCHEMA, presetDirectory } from "@episcope/core/config";
import { Command } from "commander";
import { flatValues } from "../compose/flat-values.js";
import type { Verb } from "../verbs/verb.js";
import { VERBS } from "./verbs.js";

/** What completion knows of the program and of the presets. */
export interface CompletionTable {
  readonly verbs: {
    readonly [verb: string]: {
      readonly flags: readonly string[];
      /** Whose keys its overrides have; null where it takes none. */
      readonly primary: string | null;
    };
  };
  /** Groups of the presets and of Hydra, with their options. */
  readonly groups: { readonly [group: string]: readonly string[] };
  /** Keys of the values of a primary config. */
  readonly keys: { readonly [primary: string]: readonly string[] };
  /** What a value may be, where it can be counted. */
  readonly choices: { readonly [key: string]: readonly string[] };
}

const PRIMARY = ["play", "record", "config"];

export const TABLE: CompletionTable = await makeTable();

async function makeTable(): Promise<CompletionTable> {
  const source = fileSource(presetDirectory());
  const compositions = PRIMARY.map((name) => [name, composeSync({ source, name }) as Composition] as const);
  return {
    verbs: Object.fromEntries(await Promise.all(VERBS.map(describeVerb))),
    groups: Object.fromEntries(groupsBelow(compositions[0]![1], "")),
    keys: Object.fromEntries(
      compositions.map(([name, composition]) => [name, [...flatValues(composition.config).keys()]]),
    ),
    choices: Object.fromEntries(choicesIn(CONFIG_SCHEMA as Schema, "")),
  };
}

async function describeVerb({
  name,
  words,
  load,
}: (typeof VERBS)[number]): Promise<[string, CompletionTable["verbs"][string]]> {
  const command = new Command(name);
  ((await load()) as Verb).declare(command);
  const flags = command.options.flatMap(({ short, long }) => [short, long]).filter((flag) => flag != null);
  const takesOverrides = /overrides/i.test(words);
  return [
    name,
    {
      flags: [...flags, "--help"].sort(),
      primary: PRIMARY.includes(name) ? name : takesOverrides ? "config" : null,
    },
  ];
}

function groupsBelow(composition: Composition, parent: string): [string, readonly string[]][] {
  return composition.subgroups(parent).flatMap((name) => {
    const group = parent === "" ? name : `${parent}/${name}`;
    return [[group, composition.groupOptions(group)], ...groupsBelow(composition, group)];
  });
}

interface Schema {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [key: string]: Schema };
}

function choicesIn(schema: Schema, key: string): [string, string[]][] {
  if (schema.enum !== undefined) return [[key, schema.enum.map(String)]];
  if (schema.type === "boolean") return [[key, ["false", "true"]]];
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    choicesIn(child, key === "" ? name : `${key}.${name}`),
  );
}
