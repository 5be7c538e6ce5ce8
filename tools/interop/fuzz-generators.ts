/** Draws from a seeded source; every choice of the generators goes through it. */
export class Draw {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  one<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  some<T>(max: number, make: () => T): T[] {
    return Array.from({ length: this.below(max + 1) }, make);
  }
}

const PIECES = [
  "a",
  "b1",
  "x_y",
  "k-1",
  "1",
  "0",
  "-3",
  "+4",
  "1.5",
  ".5",
  "1e3",
  "1_000",
  "01",
  "-0.0",
  "inf",
  "-inf",
  "nan",
  "1e-7",
  "9007199254740993",
  "true",
  "False",
  "null",
  "NULL",
  "${x}",
  "${a.b}",
  "${oc.env:X,y}",
  "${}",
  "${",
  "'q'",
  '"d"',
  "'a\\'b'",
  "'\\\\'",
  '"\\\\\\""',
  "''",
  "'",
  '"',
  "\\",
  "\\\\",
  "\\,",
  "\\ ",
  "\\=",
  "\\x",
  "/",
  "@",
  "?",
  "|",
  "*",
  "%",
  "$",
  ".",
  "-",
  "+",
  ":",
  " : ",
  "=",
  ",",
  " , ",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  " ",
  "\t",
  "é",
  "🎉",
  "#",
  "~",
  "!",
  "int(",
  "str(",
  "choice(",
  "range(",
  "sort(",
  "tag(",
  "glob(",
  "nope(",
  "reverse=true",
  "value=",
  "\n",
];

const HEADS = [
  "a=",
  "a.b=",
  "+a=",
  "++a.0=",
  "~a",
  "~a=",
  "db/engine=",
  "db@p=",
  "+db/x@p.q=",
  "$x.y=",
  "=",
  "a@=",
  "a-b=",
  "a.b.c.0=",
  "0.a=",
];

/** An override: mostly well formed, sometimes a heap of tokens. */
export function drawOverride(draw: Draw): string {
  const head = draw.chance(0.05) ? draw.some(4, () => draw.one(PIECES)).join("") : draw.one(HEADS);
  if (draw.chance(0.35)) return head + draw.some(8, () => draw.one(PIECES)).join("");
  const value = drawValue(draw, 3);
  const text = draw.chance(0.2)
    ? [value, ...draw.some(3, () => drawValue(draw, 2))].join(draw.one([",", ", ", " ,"]))
    : value;
  return head + (draw.chance(0.1) ? mutate(draw, text) : text);
}

function mutate(draw: Draw, text: string): string {
  const at = draw.below(text.length + 1);
  return draw.chance(0.5)
    ? text.slice(0, at) + draw.one(PIECES) + text.slice(at)
    : text.slice(0, at) + text.slice(at + 1);
}

const SCALARS = PIECES.slice(0, 29);

function drawValue(draw: Draw, depth: number): string {
  const kind = depth === 0 ? 0 : draw.below(10);
  const blank = (): string => (draw.chance(0.15) ? draw.one([" ", "\t", "  "]) : "");
  if (kind < 5)
    return draw.chance(0.2)
      ? draw.some(3, () => draw.one(SCALARS)).join(draw.one(["", " ", ":"]))
      : draw.one(SCALARS);
  const items = (): string[] => draw.some(3, () => blank() + drawValue(draw, depth - 1) + blank());
  if (kind < 7) return `[${items().join(",")}]`;
  if (kind === 7)
    return `{${draw.some(3, () => `${draw.one(SCALARS)}${blank()}:${blank()}${drawValue(draw, depth - 1)}`).join(",")}}`;
  return drawCall(draw, depth, items);
}

function drawCall(draw: Draw, depth: number, items: () => string[]): string {
  const number = (): string => draw.one(["0", "1", "5", "-3", "2.5", "0.1", "1e3", "10", "true", "-1.0"]);
  switch (draw.below(7)) {
    case 0:
      return `range(${[number(), ...draw.some(2, number)].join(",")})`;
    case 1:
      return `interval(${number()},${number()})`;
    case 2:
      return `${draw.one(["int", "float", "str", "bool"])}(${draw.one([drawValue(draw, depth - 1), items().join(",")])})`;
    case 3:
      return `sort(${[...items(), ...(draw.chance(0.3) ? ["reverse=true"] : [])].join(",")})`;
    case 4:
      return `tag(${[...draw.some(2, () => draw.one(["t", "u", "'v'"])), drawValue(draw, depth - 1)].join(",")})`;
    case 5:
      return `glob(${draw.one(["*", "[a,b*]", "a?"])}${draw.chance(0.4) ? ",exclude=b*" : ""})`;
    default:
      return `choice(${items().join(",")})`;
  }
}

/** A tree of configs, the name of its primary config and overrides for it. */
export interface TreeCase {
  readonly files: Readonly<Record<string, string>>;
  readonly name: string;
  readonly overrides: readonly string[];
}

const GROUPS = ["db", "app", "app/ui", "net", "net/tls"];
const OPTIONS = ["a", "b", "c"];
const KEYS = ["k", "w", "v", "m", "deep"];

export function drawTree(draw: Draw): TreeCase {
  const files: Record<string, string> = {};
  const groups = GROUPS.filter(() => draw.chance(0.7));
  for (const group of groups) {
    for (const option of OPTIONS)
      if (draw.chance(0.8)) files[`${group}/${option}.yaml`] = drawConfig(draw, groups, group, 0.3);
  }
  files["config.yaml"] = drawConfig(draw, groups, "", 0.9);
  return { files, name: "config", overrides: draw.some(4, () => drawTreeOverride(draw, groups)) };
}

function drawConfig(draw: Draw, groups: readonly string[], group: string, withDefaults: number): string {
  const header = draw.chance(0.15)
    ? `# @package ${draw.one(["_global_", "g", "_global_.x", "_group_", "p.q"])}\n`
    : "";
  let text = header;
  if (draw.chance(withDefaults)) {
    const items = draw.some(4, () => drawDefault(draw, groups, group));
    if (draw.chance(0.8)) items.splice(draw.below(items.length + 1), 0, "_self_");
    if (draw.chance(0.12) && groups.length > 0)
      items.push(`override /${draw.one(groups)}: ${draw.one(OPTIONS)}`);
    if (items.length > 0) text += `defaults:\n${items.map((item) => `  - ${item}\n`).join("")}`;
  }
  const keys = KEYS.filter(() => draw.chance(0.45));
  for (const key of keys) text += `${key}: ${drawYamlValue(draw, 2)}\n`;
  return text;
}

function drawDefault(draw: Draw, groups: readonly string[], group: string): string {
  if (groups.length === 0) return "_self_";
  // Only groups further on in the list: where configs include each other in circles, Hydra does not come to an end.
  const further = groups.filter((candidate) => GROUPS.indexOf(candidate) > GROUPS.indexOf(group));
  if (further.length === 0) return "_self_";
  const target = draw.one(further);
  const inside = target.startsWith(`${group}/`) && group !== "";
  const path = inside ? target.slice(group.length + 1) : group === "" ? target : `/${target}`;
  if (draw.chance(0.1)) return `${path}/${draw.one(OPTIONS)}`;
  const at = draw.chance(0.25)
    ? `@${draw.one(["_global_", "_here_", "p", "p.q", "_global_.g", "_group_"])}`
    : "";
  const optional = draw.chance(0.1) ? "optional " : "";
  const option = draw.one([
    ...OPTIONS,
    ...OPTIONS,
    "null",
    "nope",
    `[${draw.some(2, () => draw.one(OPTIONS)).join(", ")}]`,
    `\${${draw.one(groups)}}`,
    "???",
  ]);
  return `${optional}${path}${at}: ${option}`;
}

function drawYamlValue(draw: Draw, depth: number): string {
  if (depth > 0 && draw.chance(0.35)) {
    const keys = KEYS.filter(() => draw.chance(0.4));
    return `{${keys.map((key) => `${key}: ${drawYamlValue(draw, depth - 1)}`).join(", ")}}`;
  }
  if (depth > 0 && draw.chance(0.2)) return `[${draw.some(3, () => drawYamlValue(draw, 0)).join(", ")}]`;
  return draw.one([
    "1",
    "2.5",
    "1e3",
    "true",
    "off",
    "text",
    "null",
    "~",
    "'1'",
    "010",
    "1_0",
    "12:30",
    "'???'",
    "'${k}'",
    "'${.w}'",
    "'${deep.m}'",
    "'${v}-${k}'",
    "'a${w}'",
    "''",
    ".inf",
    "'${db.k}'",
  ]);
}

function drawTreeOverride(draw: Draw, groups: readonly string[]): string {
  const key = [
    draw.one([...KEYS, ...KEYS, "db", "app", "p"]),
    ...draw.some(2, () => draw.one([...KEYS, "0"])),
  ].join(".");
  const value = draw.one([
    "1",
    "x",
    "2.5",
    "null",
    "[1,2]",
    "{k:1}",
    "{k:{w:2}}",
    "'${k}'",
    "${w}",
    "???",
    "'q r'",
    "true",
    "[]",
    "{}",
  ]);
  if (groups.length > 0 && draw.chance(0.4)) {
    const group = draw.one(groups) + (draw.chance(0.2) ? `@${draw.one(["p", "_global_", "p.q"])}` : "");
    return draw.one([
      `${group}=${draw.one([...OPTIONS, "nope"])}`,
      `+${group}=${draw.one(OPTIONS)}`,
      `~${group}`,
      `${group}=[a,b]`,
    ]);
  }
  return draw.one([
    `${key}=${value}`,
    `+${key}=${value}`,
    `++${key}=${value}`,
    `++${key}=${value}`,
    `~${key}`,
    `~${key}=${value}`,
  ]);
}
