import type { ConfigSource, ConfigText } from "./config-source.js";

interface MemorySourceOptions {
  /** Shown as `scheme://path`. Default: `memory://`. */
  readonly scheme?: string;
  readonly path?: string;
  readonly provider?: string;
  /** How a file is shown to people. Default: its name below `path`. */
  readonly label?: (file: string) => string;
}

/** A config source out of a map from file name to text; a name that ends in `/` is an empty folder. */
export function memorySource(
  files: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
  options: MemorySourceOptions = {},
): ConfigSource {
  const { scheme = "memory", path = "", provider } = options;
  const label = options.label ?? ((file: string) => (path === "" ? file : `${path}/${file}`));
  const texts = new Map<string, ConfigText>();
  const groups = new Map<string, Set<string>>([["", new Set()]]);
  for (const [name, text] of files instanceof Map ? files : Object.entries(files as Record<string, string>)) {
    const segments = name.split("/");
    for (let depth = 0; depth < segments.length - 1; depth++) {
      const parent = segments.slice(0, depth).join("/");
      const group = segments.slice(0, depth + 1).join("/");
      groups.get(parent)?.add(segments[depth]!);
      if (!groups.has(group)) groups.set(group, new Set());
    }
    if (name.endsWith("/")) continue;
    groups.get(segments.slice(0, -1).join("/"))?.add(segments.at(-1)!);
    texts.set(name, { text, label: label(name) });
  }
  return {
    scheme,
    path,
    ...(provider === undefined ? {} : { provider }),
    isAvailable: () => true,
    read: (file) => texts.get(file),
    isGroup: (group) => groups.has(group),
    list: (group) => [...(groups.get(group) ?? [])],
  };
}
