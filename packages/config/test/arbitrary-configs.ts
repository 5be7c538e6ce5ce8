import fc from "fast-check";
import { type ComposeOptions, ConfigStore, memorySource } from "../src/index.js";

/** Configs and overrides as a person writes them, with one kind of thing in them that is out of the ordinary. */
export interface ConfigWorld {
  readonly files: Readonly<Record<string, string>>;
  /** Configs of the store, by `group/name`. */
  readonly stored: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly overrides: readonly string[];
  readonly versionBase: "1.1" | "1.3";
}

/** What may be out of the ordinary. */
const ODDITIES = [
  "nothing",
  "kinds",
  "values",
  "keys",
  "packages",
  "lists",
  "repetition",
  "the hydra node",
  "configs of Hydra",
  "the store",
  "schemas",
  "override signs",
  "override keys",
  "override values",
] as const;
type Oddity = (typeof ODDITIES)[number];

/** Usually `a` and `b` hold a scalar, `l` a list, `deep` and the packages a mapping. */
const SCALAR_KEYS = ["a", "b"];
/** A group includes only groups behind it, so that no config includes itself. */
const GROUPS = ["db", "net", "net/tls"];
const OPTIONS = ["x", "y"];

const PLAIN_SCALARS = [
  ...["1", "-7", "2.5", "1.0", "-0.0", "1e3", "010", "1_0", "12:30", ".inf", ".nan", "9007199254740993"],
  ...["true", "off", "text", "null", "~", "'1'", "''", "'a b'"],
];
const ODD_SCALARS = [
  ...["'???'", "'${a}'", "'${db.b}-x'", "'${nope}'", "'${'"],
  ...["!!binary aGk=", "!!omap [a: 1]", "!!set {a}"],
];

type Entry = readonly [key: string, value: string];

/** The arbitraries of a world with one oddity. */
class Arbitraries {
  readonly #oddity: Oddity;
  readonly #entries: fc.Arbitrary<readonly Entry[]>;
  readonly #mapping: fc.Arbitrary<string>;

  constructor(oddity: Oddity) {
    this.#oddity = oddity;
    const scalar = this.#mostly("values", fc.constantFrom(...PLAIN_SCALARS), fc.constantFrom(...ODD_SCALARS));
    const list = fc.array(scalar, { maxLength: 3 }).map((items) => `[${items.join(", ")}]`);
    const { entries, mapping } = fc.letrec<{ entries: readonly Entry[]; mapping: string }>((tie) => {
      const usual = fc.oneof(
        { depthSize: "small" },
        { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...SCALAR_KEYS), scalar) },
        { weight: 1, arbitrary: fc.tuple(fc.constant("l"), list) },
        { weight: 2, arbitrary: fc.tuple(fc.constant("deep"), tie("mapping")) },
      );
      const anyKind = fc.tuple(fc.constantFrom("a", "l", "deep"), fc.oneof(scalar, list, tie("mapping")));
      const anyKey = fc.tuple(fc.constantFrom("1", "true", "10"), scalar);
      const entry = this.#mostly("keys", this.#mostly("kinds", usual, anyKind), anyKey);
      return {
        entries: fc.uniqueArray(entry, { maxLength: 4, selector: ([key]) => key }),
        mapping: tie("entries").map((list) => `{${list.map((pair) => pair.join(": ")).join(", ")}}`),
      };
    });
    this.#entries = entries;
    this.#mapping = mapping;
  }

  /** The usual; where it is the oddity of the world, once in three times the other. */
  #mostly<T>(oddity: Oddity, usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
    if (oddity !== this.#oddity) return usual;
    return fc.oneof({ weight: 2, arbitrary: usual }, { weight: 1, arbitrary: other });
  }

  #defaults(group: string): fc.Arbitrary<readonly string[]> {
    const further = GROUPS.slice(GROUPS.indexOf(group) + 1);
    if (further.length === 0) return fc.constant([]);
    const entry = fc.record({
      target: fc.constantFrom(...further),
      option: this.#mostly("the store", fc.constantFrom(...OPTIONS), fc.constant("kept")),
      at: this.#mostly(
        "packages",
        fc.constantFrom("", "", "@_global_", "@p"),
        fc.constantFrom("@p.q", "@a", "@deep", "@hydra.job"),
      ),
    });
    const usual: fc.Arbitrary<readonly string[]> = fc
      .uniqueArray(entry, { maxLength: 2, selector: ({ target }) => target })
      .map((entries) => entries.map(({ target, option, at }) => `/${target}${at}: ${option}`));
    // At the root, then elsewhere, and something in between that goes into what the first brought.
    const twice =
      group === ""
        ? fc.constant(["/db@_global_: x", "/net@_global_: y", "/db@p: x"])
        : fc.constant(["/net/tls@_global_: x", "/net/tls@p: x"]);
    const ofHydra = fc
      .constantFrom("@logging", "@_global_", "@hydra.job", "@_global_.hydra.job_logging", "")
      .map((at) => [`/hydra/job_logging${at}: stdout`]);
    return this.#mostly("repetition", this.#mostly("configs of Hydra", usual, ofHydra), twice);
  }

  #config(group: string): fc.Arbitrary<string> {
    const isPrimary = group === "";
    const packages = ["_global_", "g", "_global_.deep", "_global_.a", "a[b]", "_global_.hydra.job"];
    const header = this.#mostly("packages", fc.constant("_group_"), fc.constantFrom(...packages));
    const hydraNodes = ["{job: {name: j}}", "{run: {dir: '${a}'}}", "{run: {dir: [1]}}", "1", "{nope: 1}"];
    const parts = {
      header: isPrimary ? fc.constant("_group_") : header,
      defaults: this.#defaults(group),
      entries: this.#entries,
      // Below the package of a group, which its configs are merged into.
      below: isPrimary
        ? fc.option(fc.tuple(fc.constantFrom("db", "net", "p"), this.#mapping))
        : fc.constant(null),
      hydra: this.#mostly("the hydra node", fc.constant(null), fc.constantFrom(...hydraNodes)),
    };
    const text = fc.record(parts).map(({ header, defaults, entries, below, hydra }) => {
      const list =
        defaults.length === 0 ? [] : ["defaults:", ...[...defaults, "_self_"].map((entry) => `  - ${entry}`)];
      const body = [
        ...entries,
        ...(below === null ? [] : [below]),
        ...(hydra === null ? [] : [["hydra", hydra]]),
      ];
      const head = header === "_group_" ? [] : [`# @package ${header}`];
      return [...head, ...list, ...body.map((pair) => pair.join(": ")), ""].join("\n");
    });
    return isPrimary ? text : this.#mostly("lists", text, fc.constant("- 1\n- 2\n"));
  }

  #override(): fc.Arbitrary<string> {
    const scalar = fc.constantFrom("1", "x", "2.5", "1.0", "null", "true", "'q r'", "10000000000000001");
    const oddValue = fc.constantFrom("{a:1}", "${a}", "???", "'${b}'", "{}", "[{a:1}]", "[1]");
    const oddPath = fc.constantFrom(
      ...["hydra.job.name", "__proto__", "a.0", "constructor.x", "deep.prototype", "a@p"],
      ...["deep.a", "db.a", "p.a", "db.deep.b"],
    );
    const path = this.#mostly("override keys", fc.constantFrom(...SCALAR_KEYS), oddPath);
    const value = this.#mostly("override values", scalar, oddValue);
    const list = fc.constantFrom("[]", "[1,x]").map((items) => ["l", items] as const);
    const sign = this.#mostly("override signs", fc.constant("++"), fc.constantFrom("", "+", "~"));
    const assignment = fc.oneof(
      { weight: 3, arbitrary: fc.tuple(path, value) },
      { weight: 1, arbitrary: list },
    );
    return fc.tuple(sign, assignment).map(([sign, pair]) => `${sign}${pair.join("=")}`);
  }

  world(): fc.Arbitrary<ConfigWorld> {
    const files = Object.fromEntries([
      ["config.yaml", this.#config("")],
      ...GROUPS.flatMap((group) =>
        OPTIONS.map((option) => [`${group}/${option}.yaml`, this.#config(group)] as const),
      ),
    ]);
    return fc.record({
      files: fc.record(files, { noNullPrototype: true }),
      stored: fc.constant(STORED[this.#oddity] ?? {}),
      overrides: fc.array(this.#override(), { maxLength: 2 }),
      versionBase: fc.constant(this.#oddity === "schemas" ? "1.1" : "1.3"),
    });
  }
}

const STORED: { readonly [Name in Oddity]?: ConfigWorld["stored"] } = {
  "the store": Object.fromEntries(GROUPS.map((group) => [`${group}/kept`, { a: 1, deep: { b: 2 } }])),
  // Of the same name as a file: a schema for it under the rules of 1.1.
  schemas: { "db/x": { a: "???", deep: 1 }, "net/y": { b: 1 } },
};

export const arbitraryConfigWorld: fc.Arbitrary<ConfigWorld> = fc.oneof(
  ...ODDITIES.map((oddity) => ({
    // Packages are odd in the most ways.
    weight: oddity === "packages" ? 3 : 1,
    arbitrary: new Arbitraries(oddity).world(),
  })),
);

/** The options that compose such a world. */
export function composeOptionsOf({ files, stored, overrides, versionBase }: ConfigWorld): ComposeOptions {
  const store = new ConfigStore();
  for (const [path, node] of Object.entries(stored)) {
    const slash = path.lastIndexOf("/");
    store.store({ group: path.slice(0, slash), name: path.slice(slash + 1), node });
  }
  return {
    source: memorySource(files),
    name: "config",
    overrides,
    versionBase,
    ...(Object.keys(stored).length === 0 ? {} : { store }),
  };
}
