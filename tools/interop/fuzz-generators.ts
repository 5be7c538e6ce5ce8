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
