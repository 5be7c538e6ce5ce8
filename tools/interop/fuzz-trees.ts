import type { Draw } from "./fuzz-generators.js";

/** A tree of configs, the name of its primary config, overrides for it, and the environment that it is composed in. */
export interface TreeCase {
  readonly files: Readonly<Record<string, string>>;
  readonly name: string;
  readonly overrides: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const GROUPS = ["db", "app", "app/ui", "net", "net/tls"];
const OPTIONS = ["a", "b", "c"];
const KEYS = ["k", "w", "v", "m", "deep"];
const PACKAGES = [
  "_global_",
  "_here_",
  "p",
  "p.q",
  "_global_.g",
  "_group_",
  "_here_.x",
  "_group_.x",
  "_global_.p.q",
  "p._group_",
  "_name_",
  "w",
  "deep.m",
];

/** Interpolations in place of an option: `pick`, `join` and `all` are resolvers of the program. */
const CHOICES = [
  "${oc.env:STAGE}",
  "${oc.env:STAGE,a}",
  "${oc.env:STAGE,'b'}",
  "${oc.env:STAGE,null}",
  "${oc.env:STAGE,${db}}",
  "${oc.env:${pick:STAGE}}",
  "${oc.env:NOBODY}",
  "${oc.decode:${oc.env:STAGE}}",
  "${oc.select:db}",
  "${oc.select:nobody,c}",
  "${pick:a}",
  "${pick:1}",
  "${pick:null}",
  "${pick:${app}}",
  "${join:${db},b}",
  "${join:'',c}",
  "${all:a,b}",
  "${nobody:a}",
  "${now:%Y}",
  "a${oc.env:EMPTY}",
  "${defaults.0.db}",
  "${defaults.1}",
];

/** Those of them that name an option, where `STAGE` is one. */
const TIDY_CHOICES = [
  "${oc.env:STAGE}",
  "${oc.env:STAGE,a}",
  "${oc.env:NOBODY,b}",
  "${oc.env:NOBODY,${pick:c}}",
  "${oc.env:${pick:STAGE}}",
  "${oc.decode:${oc.env:STAGE}}",
  "${oc.select:nobody,c}",
  "${pick:a}",
  "${join:'',c}",
  "null",
];

/** How the configs of a tree are drawn. */
export interface Style {
  readonly groups: readonly string[];
  /** Whether their values are plain: no interpolations, no missing ones, no odd packages. */
  readonly isPlain: boolean;
  /** Whether what they name is there, mostly: of what is drawn blindly, Hydra refuses nine tenths. */
  readonly isTidy: boolean;
}

export function drawStyle(draw: Draw): Style {
  const groups = GROUPS.filter(() => draw.chance(0.7));
  return { groups, isPlain: draw.chance(0.4), isTidy: draw.chance(0.75) };
}

export function drawTree(draw: Draw): TreeCase {
  const style = drawStyle(draw);
  const overrides = draw.some(style.isTidy ? 2 : 4, () => drawTreeOverride(draw, style));
  return { files: drawFiles(draw, style), name: "config", overrides, env: drawEnvironment(draw, style) };
}

export function drawFiles(draw: Draw, style: Style): Record<string, string> {
  const files: Record<string, string> = {};
  for (const group of style.groups) {
    for (const option of OPTIONS)
      if (style.isTidy || draw.chance(0.8))
        files[`${group}/${option}.yaml`] = drawConfig(draw, style, group, style.isTidy ? 0.15 : 0.3);
  }
  files["config.yaml"] = drawConfig(draw, style, "", 0.9);
  return files;
}

export function drawEnvironment(draw: Draw, { isTidy }: Style): Record<string, string> {
  const env: Record<string, string> = { EMPTY: "" };
  if (isTidy)
    return { ...env, STAGE: draw.one(OPTIONS), NUM: draw.one(["1", "2.5", "[1,a]", "{k: 1}", "x y"]) };
  if (draw.chance(0.7))
    env["STAGE"] = draw.one([...OPTIONS, ...OPTIONS, "nope", "null", "???", "", "a b", "[a,b]", "1"]);
  if (draw.chance(0.7)) env["NUM"] = draw.one(["1", "2.5", "[1,a]", "{k: 1}", "x y", "null", "'q'"]);
  return env;
}

function drawConfig(draw: Draw, style: Style, group: string, withDefaults: number): string {
  const { groups } = style;
  const header =
    draw.chance(0.15) && !style.isPlain
      ? `# @package ${draw.one(["_global_", "g", "_global_.x", "_group_", "p.q"])}\n`
      : "";
  let text = header;
  if (draw.chance(withDefaults)) {
    const drawn = draw.some(4, () => drawDefault(draw, style, group));
    const items = drawn.filter((item) => item !== undefined);
    if (draw.chance(0.8)) items.splice(draw.below(items.length + 1), 0, "_self_");
    if (draw.chance(style.isTidy ? 0.04 : 0.12) && groups.length > 0) {
      const at = draw.chance(0.3) ? `@${draw.one(PACKAGES)}` : "";
      const option = draw.one([...OPTIONS, ...OPTIONS, draw.one(CHOICES)]);
      items.push(`override ${draw.one(["/", "/", ""])}${draw.one(groups)}${at}: ${option}`);
    }
    if (items.length > 0) text += `defaults:\n${items.map((item) => `  - ${item}\n`).join("")}`;
  }
  const keys = KEYS.filter(() => draw.chance(0.45));
  for (const key of keys) text += `${key}: ${drawYamlValue(draw, style, 2)}\n`;
  if (draw.chance(0.04)) text += `${draw.one(["1", "07", "2.5", "true", "'1'"])}: x\n`;
  return text;
}

function drawDefault(draw: Draw, style: Style, group: string): string | undefined {
  const { groups, isPlain, isTidy } = style;
  // Only groups further on in the list: where configs include each other in circles, Hydra does not come to an end.
  const further = groups.filter((candidate) => GROUPS.indexOf(candidate) > GROUPS.indexOf(group));
  if (further.length === 0) return draw.chance(0.05) ? "_self_" : undefined;
  const target = draw.one(further);
  const inside = target.startsWith(`${group}/`) && group !== "";
  const path = inside ? target.slice(group.length + 1) : group === "" ? target : `/${target}`;
  const at = draw.chance(isPlain ? 0.1 : 0.3) ? `@${draw.one(PACKAGES)}` : "";
  const choices = isTidy ? TIDY_CHOICES : CHOICES;
  if (draw.chance(0.1)) return `${path}/${draw.one([...OPTIONS, draw.one(choices)])}${at}`;
  const optional = draw.chance(0.1) ? "optional " : "";
  if (isPlain && draw.chance(0.8)) return `${optional}${path}${at}: ${draw.one(OPTIONS)}`;
  if (isTidy && draw.chance(0.95))
    return `${optional}${path}${at}: ${draw.one([...OPTIONS, draw.one(choices), draw.one(choices), "[a, b]"])}`;
  const option = draw.one([
    ...OPTIONS,
    ...OPTIONS,
    draw.one(CHOICES),
    draw.one(CHOICES),
    draw.one(CHOICES),
    `[${draw.one(OPTIONS)}, "${draw.one(CHOICES)}"]`,
    "null",
    "nope",
    `[${draw.some(2, () => draw.one(OPTIONS)).join(", ")}]`,
    `\${${draw.one(groups)}}`,
    "???",
  ]);
  return `${optional}${path}${at}: ${option}`;
}

function drawYamlValue(draw: Draw, style: Style, depth: number): string {
  if (depth > 0 && draw.chance(0.35)) {
    const keys = KEYS.filter(() => draw.chance(0.4));
    return `{${keys.map((key) => `${key}: ${drawYamlValue(draw, style, depth - 1)}`).join(", ")}}`;
  }
  if (depth > 0 && draw.chance(0.2))
    return `[${draw.some(3, () => drawYamlValue(draw, style, 0)).join(", ")}]`;
  return draw.one(style.isPlain ? PLAIN_VALUES : VALUES);
}

const PLAIN_VALUES = [
  "1",
  "2.5",
  "1e3",
  "1.0",
  "-0.0",
  "true",
  "off",
  "text",
  "null",
  "~",
  "'1'",
  "010",
  "1_0",
  "12:30",
  "''",
  ".inf",
  ".nan",
  "9007199254740993",
];

const VALUES = [
  ...PLAIN_VALUES,
  "'???'",
  "'${k}'",
  "'${.w}'",
  "'${deep.m}'",
  "'${v}-${k}'",
  "'a${w}'",
  "'${db.k}'",
  "'${oc.env:STAGE,x}'",
  "'${oc.decode:${oc.env:NUM}}'",
  "'${pick:${k}}'",
  "'${all:1,a,${k}}'",
  "'${join:${v},x}'",
];

export function drawTreeOverride(draw: Draw, style: Style): string {
  const { groups, isPlain, isTidy } = style;
  // What needs no tree: a value in place of one.
  if (isPlain && draw.chance(0.5))
    return `${draw.one(["", "", "+", "++"])}${draw.one(KEYS)}=${draw.one(["1", "x", "1.0", "[1,2.0]", "null", "true", "'q r'"])}`;
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
    "${oc.env:STAGE}",
    "${all:1,${k}}",
    "${join:a,${w}}",
    "???",
    "'q r'",
    "true",
    "[]",
    "{}",
  ]);
  if (isTidy && draw.chance(0.9)) {
    if (groups.length === 0 || draw.chance(0.6)) return `++${key.replace(/\.0/g, "")}=${value}`;
    const at = draw.chance(0.6) ? `@${draw.one(PACKAGES)}` : "";
    return `+${draw.one(groups)}${at}=${draw.one([...OPTIONS, draw.one(TIDY_CHOICES.slice(0, -1)), "[a,b]"])}`;
  }
  if (groups.length > 0 && draw.chance(0.4)) {
    const group =
      draw.one(groups) + (draw.chance(0.3) ? `@${draw.one([...PACKAGES, "", "p:w", ":p", "p:"])}` : "");
    return draw.one([
      `${group}=${draw.one([...OPTIONS, "nope"])}`,
      `${group}=${draw.one(CHOICES)}`,
      `+${group}=${draw.one(CHOICES)}`,
      `++${group}=${draw.one(OPTIONS)}`,
      `~${group}=${draw.one(OPTIONS)}`,
      `${group}=null`,
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
