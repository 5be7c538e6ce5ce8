import type { Numeric } from "../scalar/arithmetic.js";
import type { Float } from "../scalar/values.js";

/** A quoted string keeps its quotes: whoever writes it back must quote it again. */
export class QuotedString {
  readonly text: string;
  readonly quote: "single" | "double";

  constructor(text: string, quote: "single" | "double") {
    this.text = text;
    this.quote = quote;
  }
}

export type Primitive = null | boolean | number | bigint | Float | string;

/** A dictionary of the override grammar: keys in order, equal keys (`1`, `1.0`, `true`) already joined. */
export class DictValue {
  readonly entries: readonly (readonly [key: Primitive, value: Element])[];

  constructor(entries: readonly (readonly [key: Primitive, value: Element])[]) {
    this.entries = entries;
  }
}

const NO_TAGS: ReadonlySet<string> = new Set();

/** `a,b,c` (simple form) or `choice(a,b,c)`. */
export class ChoiceSweep {
  readonly kind = "choice";
  readonly list: readonly Element[];
  readonly simpleForm: boolean;
  readonly shuffle: boolean;
  readonly tags: ReadonlySet<string>;

  constructor(
    list: readonly Element[],
    options: { simpleForm?: boolean; shuffle?: boolean; tags?: ReadonlySet<string> } = {},
  ) {
    this.list = list;
    this.simpleForm = options.simpleForm ?? false;
    this.shuffle = options.shuffle ?? false;
    this.tags = options.tags ?? NO_TAGS;
  }
}

/** `range(start, stop, step)`: `start` included, `stop` excluded. */
export class RangeSweep {
  readonly kind = "range";
  readonly start: Numeric;
  readonly stop: Numeric;
  readonly step: Numeric;
  readonly shuffle: boolean;
  readonly tags: ReadonlySet<string>;
  /** Casts of its values, in the order in which they apply. */
  readonly casts: readonly ("int" | "float")[];
  /** Whether its values are floats although its bounds are whole. */
  readonly floats: boolean;

  constructor(
    bounds: { start: Numeric; stop: Numeric; step: Numeric },
    options: {
      shuffle?: boolean;
      tags?: ReadonlySet<string>;
      casts?: readonly ("int" | "float")[];
      floats?: boolean;
    } = {},
  ) {
    this.start = bounds.start;
    this.stop = bounds.stop;
    this.step = bounds.step;
    this.shuffle = options.shuffle ?? false;
    this.tags = options.tags ?? NO_TAGS;
    this.casts = options.casts ?? [];
    this.floats = options.floats ?? false;
  }
}

/** `extend_list(a, b)`: what an override appends to a list. Only the whole value of an override can be one. */
export class ListExtension {
  readonly items: readonly Element[];

  constructor(items: readonly Element[]) {
    this.items = items;
  }
}

/** `interval(start, end)`: continuous, so it can be handed to a sweeper but not enumerated. */
export class IntervalSweep {
  readonly kind = "interval";
  readonly start: Element;
  readonly end: Element;
  readonly tags: ReadonlySet<string>;

  constructor(start: Element, end: Element, tags: ReadonlySet<string> = NO_TAGS) {
    this.start = start;
    this.end = end;
    this.tags = tags;
  }
}

/** `glob(include, exclude)`: the options of the group that match; file-name patterns. */
export class GlobSweep {
  readonly kind = "glob";
  readonly include: readonly Element[];
  readonly exclude: readonly Element[];

  constructor(include: readonly Element[], exclude: readonly Element[]) {
    this.include = include;
    this.exclude = exclude;
  }
}

/** The sweeps that can carry tags. A glob cannot. */
type TaggedSweep = ChoiceSweep | RangeSweep | IntervalSweep;
export type Sweep = TaggedSweep | GlobSweep;

/** A value of the override grammar: what follows the `=`. */
export type Element = Primitive | QuotedString | readonly Element[] | DictValue | Sweep | ListExtension;

export function isTaggedSweep(value: Element): value is TaggedSweep {
  return value instanceof ChoiceSweep || value instanceof RangeSweep || value instanceof IntervalSweep;
}

export function isSweep(value: Element): value is Sweep {
  return isTaggedSweep(value) || value instanceof GlobSweep;
}
