import type { DefaultsInfo, DefaultsTree } from "../compose/list-defaults.js";

/** A source of the search path, as `hydra.runtime.config_sources` holds it. */
export interface SourceInfo {
  readonly provider: string;
  readonly schema: string;
  readonly path: string;
}

export function heading(title: string, filler: string): string {
  return `${title}\n${filler.repeat(title.length)}\n`;
}

/** `--info searchpath`. */
export function describeSearchPath(sources: readonly SourceInfo[]): string {
  const rows = sources.map(({ provider, schema, path }) => [provider, `${schema}://${path}`]);
  const table = box(["Provider", "Search path"], rows, "");
  return `\n${heading("Config search path", "*")}${table}`;
}

/** `--info defaults`. */
export function describeDefaults({ defaults }: DefaultsInfo): string {
  const rows = defaults.map((entry) => [
    entry.configPath,
    entry.package,
    entry.isSelf ? "True" : "False",
    entry.parent ?? "",
  ]);
  return `\n${heading("Defaults List", "*")}${box(["Config path", "Package", "_self_", "Parent"], rows, " ")}`;
}

/** `--info defaults-tree`. */
export function describeDefaultsTree({ trees }: DefaultsInfo): string {
  const lines = ["<root>:"];
  const add = (tree: DefaultsTree, depth: number): void => {
    const pad = "  ".repeat(depth);
    if (tree.kind === "self") {
      lines.push(`${pad}_self_`);
      return;
    }
    const text = tree.kind === "config" ? tree.path : `${tree.overrideKey}: ${optionText(tree.value)}`;
    lines.push(`${pad}${text}${tree.children.length > 0 ? ":" : ""}`);
    for (const child of tree.children) add(child, depth + 1);
  };
  for (const tree of trees) add(tree, 1);
  return `\n${heading("Defaults Tree", "*")}${lines.join("\n")}\n`;
}

function optionText(value: string | readonly string[] | null): string {
  if (value === null) return "null";
  return typeof value === "string" ? value : `[${value.join(",")}]`;
}

/** A table as Hydra draws it; `end` is what follows the head's last bar. */
function box(head: readonly string[], rows: readonly (readonly string[])[], end: string): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const first = `${line(head)}${end}`;
  const rule = "-".repeat(first.length);
  return [first, rule, ...rows.map(line), rule, ""].join("\n");
}

/** `--info plugins`: what this program has of each kind. */
export function describePlugins(
  kinds: readonly (readonly [kind: string, names: readonly string[]])[],
): string {
  const lines = kinds
    .filter(([, names]) => names.length > 0)
    .map(
      ([kind, names]) =>
        `\t${kind}:\n\t${"-".repeat(kind.length + 1)}\n${names.map((name) => `\t\t${name}\n`).join("")}`,
    );
  return `${heading("Installed Hydra Plugins", "*")}${lines.join("")}`;
}
