import { isNumeric, type Numeric } from "../scalar/arithmetic.js";
import type { Rules } from "../version/rules.js";
import { type CastName, cast } from "./casts.js";
import { FunctionProblem } from "./errors.js";
import { castJson } from "./json-text.js";
import { sortElements, sortSweep } from "./sorting.js";
import {
  ChoiceSweep,
  DictValue,
  type Element,
  GlobSweep,
  IntervalSweep,
  isSweep,
  isTaggedSweep,
  ListExtension,
  QuotedString,
  RangeSweep,
} from "./value.js";

/** What functions depend on beside their arguments. */
export interface FunctionWorld {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly rules: Rules;
}

/** The arguments of one call, matched to the parameters. `undefined`: not passed. */
interface Arguments {
  readonly rest: readonly Element[];
  readonly named: ReadonlyMap<string, Element>;
}

interface Parameter {
  readonly name: string;
  readonly accepts: (value: Element) => boolean;
  readonly required?: boolean;
}

interface GrammarFunction {
  /** What each of any number of positional arguments must be; left out: only `parameters` are taken. */
  readonly rest?: (value: Element) => boolean;
  /** In order. With `rest` they can be given by name only. */
  readonly parameters: readonly Parameter[];
  readonly call: (args: Arguments, world: FunctionWorld) => Element;
}

const isList = (value: Element): value is readonly Element[] => Array.isArray(value);
const isText = (value: Element): value is string => typeof value === "string";
const isChoiceOrRange = (value: Element): value is ChoiceSweep | RangeSweep =>
  value instanceof ChoiceSweep || value instanceof RangeSweep;
const isPlainValue = (value: Element): boolean =>
  isText(value) || isNumeric(value) || isList(value) || value instanceof DictValue;

function orNull(accepts: (value: Element) => boolean): (value: Element) => boolean {
  return (value) => value === null || accepts(value);
}

const isCastable = (value: Element): boolean => !(value instanceof GlobSweep);

function castFunction(name: CastName): GrammarFunction {
  return oneValue((value, rules) => cast(name, value, rules));
}

/** A function of one value, given by position or by name; of several it makes a choice. */
function oneValue(convert: (value: Element, rules: Rules) => Element): GrammarFunction {
  return {
    rest: isCastable,
    parameters: [{ name: "value", accepts: isCastable }],
    call: ({ rest, named }, { rules }) => {
      const value = named.get("value") ?? null;
      if (rest.length > 0 && value !== null)
        throw new FunctionProblem("give the value once, by position or by name");
      if (value !== null) return convert(value, rules);
      if (rest.length === 0) throw new FunctionProblem("there is no value to cast");
      return convert(rest.length === 1 ? rest[0]! : simpleChoice(rest), rules);
    },
  };
}

function simpleChoice(items: readonly Element[], shuffle = false): ChoiceSweep {
  if (items.some(isSweep)) throw new FunctionProblem("a sweep cannot be one of several values");
  return new ChoiceSweep(items, { simpleForm: true, shuffle });
}

const choice: GrammarFunction = {
  rest: (value) => isPlainValue(value) || value instanceof ChoiceSweep,
  parameters: [],
  call: ({ rest }) => {
    const [first] = rest;
    if (first === undefined) throw new FunctionProblem("a choice needs at least one value");
    if (rest.length === 1 && first instanceof ChoiceSweep) {
      if (!first.simpleForm) throw new FunctionProblem("a choice cannot hold another choice");
      return new ChoiceSweep(first.list, { shuffle: first.shuffle, tags: first.tags });
    }
    return new ChoiceSweep(rest);
  },
};

const range: GrammarFunction = {
  parameters: [
    { name: "start", accepts: isNumeric, required: true },
    { name: "stop", accepts: orNull(isNumeric) },
    { name: "step", accepts: isNumeric },
  ],
  call: ({ named }) => {
    const start = named.get("start") as Numeric;
    const stop = (named.get("stop") ?? null) as Numeric | null;
    const step = (named.get("step") ?? 1) as Numeric;
    return new RangeSweep(stop === null ? { start: 0, stop: start, step } : { start, stop, step });
  },
};

const interval: GrammarFunction = {
  parameters: [
    { name: "start", accepts: isNumeric, required: true },
    { name: "end", accepts: isNumeric, required: true },
  ],
  call: ({ named }, { rules }) => {
    const [start, end] = ["start", "end"].map((name) => cast("float", named.get(name)!, rules));
    return new IntervalSweep(start!, end!);
  },
};

const tag: GrammarFunction = {
  rest: (value) => isText(value) || isTaggedSweep(value),
  parameters: [{ name: "sweep", accepts: orNull(isTaggedSweep) }],
  call: ({ rest, named }) => {
    if (rest.length === 0) throw new FunctionProblem("tag needs at least one tag and a sweep");
    const byName = named.get("sweep") ?? null;
    const all = byName === null ? rest : [...rest, byName];
    const sweep = all.at(-1)!;
    if (!isTaggedSweep(sweep)) {
      throw new FunctionProblem("the last argument of tag must be a choice, a range or an interval");
    }
    const names = all.slice(0, -1);
    if (!names.every(isText)) throw new FunctionProblem("tags must be texts");
    return withTags(sweep, new Set(names));
  },
};

function withTags(sweep: ChoiceSweep | RangeSweep | IntervalSweep, tags: ReadonlySet<string>): Element {
  if (sweep instanceof ChoiceSweep) return new ChoiceSweep(sweep.list, { ...sweep, tags });
  if (sweep instanceof RangeSweep) return new RangeSweep(sweep, { ...sweep, tags });
  return new IntervalSweep(sweep.start, sweep.end, tags);
}

const sweepOrValue = (value: Element): boolean => isPlainValue(value) || isChoiceOrRange(value);

const shuffle: GrammarFunction = {
  rest: sweepOrValue,
  parameters: [
    { name: "sweep", accepts: orNull(isChoiceOrRange) },
    { name: "list", accepts: orNull(isList) },
  ],
  call: ({ rest, named }, { random }) => {
    const byName = named.get("list") ?? named.get("sweep") ?? null;
    const args = byName === null ? rest : [byName];
    const [first] = args;
    if (first === undefined || args.length > 1) return simpleChoice(args, true);
    if (first instanceof ChoiceSweep) return new ChoiceSweep(first.list, { ...first, shuffle: true });
    if (first instanceof RangeSweep) return new RangeSweep(first, { ...first, shuffle: true });
    return isList(first) ? shuffled(first, random) : [first];
  },
};

/** A new list in random order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const list = [...items];
  for (let index = list.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [list[index], list[other]] = [list[other]!, list[index]!];
  }
  return list;
}

const sort: GrammarFunction = {
  rest: sweepOrValue,
  parameters: [
    { name: "sweep", accepts: orNull(isChoiceOrRange) },
    { name: "list", accepts: orNull(isList) },
    { name: "reverse", accepts: (value) => typeof value === "boolean" },
  ],
  call: ({ rest, named }, { rules }) => {
    const reverse = named.get("reverse") === true;
    const byName = named.get("list") ?? named.get("sweep") ?? null;
    const args = byName === null ? rest : [byName];
    const [first] = args;
    if (first === undefined) throw new FunctionProblem("there is nothing to sort");
    if (args.length > 1) {
      if (!args.every((item) => isText(item) || isNumeric(item))) {
        throw new FunctionProblem(
          "several values can be sorted only if each is a text, a number or a boolean",
        );
      }
      return sortSweep(simpleChoice(args), reverse, rules);
    }
    if (isChoiceOrRange(first)) return sortSweep(first, reverse, rules);
    return isList(first) ? sortElements(first, reverse) : first;
  },
};

const isPattern = (value: Element): boolean => isList(value) || isText(value);

const glob: GrammarFunction = {
  parameters: [
    { name: "include", accepts: isPattern, required: true },
    { name: "exclude", accepts: orNull(isPattern) },
  ],
  call: ({ named }) => {
    const patterns = (value: Element): readonly Element[] =>
      value === null ? [] : isList(value) ? value : [value];
    return new GlobSweep(patterns(named.get("include")!), patterns(named.get("exclude") ?? null));
  },
};

const FUNCTIONS: ReadonlyMap<string, GrammarFunction> = new Map(
  Object.entries({
    bool: castFunction("bool"),
    choice,
    float: castFunction("float"),
    glob,
    int: castFunction("int"),
    interval,
    range,
    shuffle,
    sort,
    str: castFunction("str"),
    tag,
  }),
);

const extendList: GrammarFunction = {
  rest: () => true,
  parameters: [],
  call: ({ rest }) => new ListExtension(rest),
};

const LIST_AND_JSON: ReadonlyMap<string, GrammarFunction> = new Map([
  ["extend_list", extendList],
  // By name it fails in the release candidates.
  ["json_str", { ...oneValue(castJson), parameters: [] }],
]);

/**
 * Calls a function of the override grammar.
 * @throws FunctionProblem when there is no such function or it does not take the arguments.
 */
export function callFunction(
  name: string,
  positional: readonly Element[],
  keywords: ReadonlyMap<string, Element>,
  world: FunctionWorld,
): Element {
  const added = world.rules.listAndJsonFunctions ? LIST_AND_JSON : undefined;
  const definition = FUNCTIONS.get(name) ?? added?.get(name);
  if (definition === undefined)
    throw new FunctionProblem(`there is no function '${name}'`, [
      ...FUNCTIONS.keys(),
      ...(added?.keys() ?? []),
    ]);
  return definition.call(bind(definition, positional, keywords), world);
}

function bind(
  definition: GrammarFunction,
  positional: readonly Element[],
  keywords: ReadonlyMap<string, Element>,
): Arguments {
  const named = new Map<string, Element>();
  const rest: Element[] = [];
  positional.forEach((argument, index) => {
    const value = unquoted(argument);
    if (definition.rest !== undefined) {
      if (!definition.rest(value)) throw mismatch(`argument ${index + 1}`, value);
      rest.push(value);
      return;
    }
    const parameter = definition.parameters[index];
    if (parameter === undefined) {
      throw new FunctionProblem(`it takes at most ${definition.parameters.length} arguments`);
    }
    named.set(parameter.name, value);
  });
  for (const [name, argument] of keywords) {
    if (!definition.parameters.some((parameter) => parameter.name === name)) {
      throw new FunctionProblem(`it has no argument '${name}'`);
    }
    if (named.has(name)) throw new FunctionProblem(`argument '${name}' is given twice`);
    named.set(name, unquoted(argument));
  }
  for (const { name, accepts, required } of definition.parameters) {
    const value = named.get(name);
    if (value === undefined) {
      if (required === true) throw new FunctionProblem(`argument '${name}' is missing`);
    } else if (!accepts(value)) throw mismatch(`argument '${name}'`, value);
  }
  return { rest, named };
}

function unquoted(value: Element): Element {
  return value instanceof QuotedString ? value.text : value;
}

function mismatch(where: string, value: Element): FunctionProblem {
  return new FunctionProblem(`${where} cannot be ${kindOf(value)}`);
}

function kindOf(value: Element): string {
  if (value === null) return "null";
  if (isSweep(value)) return `a ${value.kind}`;
  if (isList(value)) return "a list";
  if (value instanceof DictValue) return "a dictionary";
  return isText(value) ? `the text '${value}'` : String(value);
}
