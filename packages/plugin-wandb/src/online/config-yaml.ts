/** The run's config as the file that W&B shows below Files. */
export function configYaml(config: { readonly [key: string]: unknown }): string {
  return `${block(config, 0).join("\n")}\n`;
}

function block(value: object, depth: number): string[] {
  const indent = " ".repeat(4 * depth);
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((member) => ["-", member])
    : Object.keys(value)
        .sort()
        .map((key) => [`${plain(key)}:`, (value as { [key: string]: unknown })[key]]);
  return entries.flatMap(([head, member]) =>
    typeof member === "object" && member !== null && Object.keys(member).length > 0
      ? [`${indent}${head}`, ...block(member, depth + 1)]
      : [`${indent}${head} ${scalar(member)}`],
  );
}

function scalar(value: unknown): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[]" : "{}";
  return typeof value === "string" ? plain(value) : String(value);
}

/** Readers of YAML 1.1 take an exponent for a number only behind a point. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value < 0 ? "-.inf" : ".inf";
  return String(value).replace(/^(-?\d+)e/, "$1.0e");
}

/** Quoted where any reader might take it for something else. */
function plain(text: string): string {
  const isWord = /^[A-Za-z_][\w./-]*$/.test(text);
  const isTaken = /^(y|n|yes|no|on|off|true|false|null|nan|inf)$/i.test(text);
  return isWord && !isTaken ? text : JSON.stringify(text);
}
