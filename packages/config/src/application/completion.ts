import { shellUnknown } from "./errors.js";

/** What completion knows of a config: Hydra's groups and the keys, without what it takes to compose it. */
export interface CompletionSource {
  /** Options of a config group; none where it is no group. */
  groupOptions(group: string): readonly string[];
  /** Names of the groups below a group, or with "" of all at the top. */
  subgroups(parent: string): readonly string[];
  /** Names of the keys of a mapping, or with "" of the config; none where it is no mapping. */
  keysAt(parent: string): readonly string[];
  /** The values that a key may have, where they can be counted. */
  choices(key: string): readonly string[];
}

/** Prefixes of overrides: what follows is a key or a group all the same. */
const PREFIX = /^(?:\+\+|\+|~)?/;

/**
 * The words that may stand where `word` stands: flags, config groups (`db=`) and their options (`db=mysql`), keys of the
 * composed config (`db.` for a mapping, `port=` for a value), and the values of a boolean. Sorted.
 */
export function completionsOf(word: string, source: CompletionSource, flags: readonly string[]): string[] {
  if (word.startsWith("-")) return flags.filter((flag) => flag.startsWith(word)).sort();
  const sign = PREFIX.exec(word)![0];
  const rest = word.slice(sign.length);
  const equals = rest.indexOf("=");
  const found =
    equals >= 0 ? valuesOf(rest.slice(0, equals), rest.slice(equals + 1), source) : keysOf(rest, source);
  return [...new Set(found)].map((text) => `${sign}${text}`).sort();
}

/** `db=my` becomes `db=mysql`; of a sweep `db=mysql,po` the last value. */
function valuesOf(key: string, typed: string, source: CompletionSource): string[] {
  const comma = typed.lastIndexOf(",") + 1;
  const [before, begun] = [typed.slice(0, comma), typed.slice(comma)];
  const group = key.split("@", 1)[0]!;
  const options = source.groupOptions(group);
  const known = options.length > 0 ? options : source.choices(key);
  return known.filter((option) => option.startsWith(begun)).map((option) => `${key}=${before}${option}`);
}

function keysOf(typed: string, source: CompletionSource): string[] {
  return [...groupsBelow(typed, source), ...keysBelow(typed, source)].filter((text) =>
    text.startsWith(typed),
  );
}

/** Groups of the folder that is being typed: with options `db=`, with groups below `db/`. */
function groupsBelow(typed: string, source: CompletionSource): string[] {
  const slash = typed.lastIndexOf("/");
  const parent = slash < 0 ? "" : typed.slice(0, slash);
  return source.subgroups(parent).flatMap((name) => {
    const group = parent === "" ? name : `${parent}/${name}`;
    // Hydra's own config is no choice.
    const own = group !== "hydra" && source.groupOptions(group).length > 0 ? [`${group}=`] : [];
    return source.subgroups(group).length > 0 ? [...own, `${group}/`] : own;
  });
}

function keysBelow(typed: string, source: CompletionSource): string[] {
  const dot = typed.lastIndexOf(".");
  const parent = dot < 0 ? "" : typed.slice(0, dot);
  const names = source.keysAt(parent);
  return names.map((name) => {
    const key = parent === "" ? name : `${parent}.${name}`;
    return source.keysAt(key).length > 0 ? `${key}.` : `${key}=`;
  });
}

/** The word at the cursor of a command line, and the overrides before it. */
export function wordsOf(
  line: string,
  point: number,
): { readonly word: string; readonly before: readonly string[] } {
  const words = line.slice(0, point).split(/\s+/);
  const word = words.pop() ?? "";
  return { word, before: words.filter((one) => /^[^-][^=]*=/.test(one) && !one.endsWith("=")) };
}

/** What `--shell-completion` is given: `install=SHELL`, `uninstall=SHELL`, `query=SHELL`. @throws UsageError */
export function completionRequest(word: string): {
  readonly what: "install" | "uninstall" | "query";
  readonly shell: string;
} {
  const [what = "", shell = ""] = word.split("=", 2);
  if (what !== "install" && what !== "uninstall" && what !== "query") throw shellUnknown(shell);
  return { what, shell };
}

/** What the shells evaluate: `eval "$(PROGRAM -sc install=bash)"`. They ask the program, which never runs its task for it. */
export function completionScript(
  shell: string,
  command: readonly string[],
  install: boolean,
  name: string = command.at(-1)!.split("/").at(-1)!,
): string {
  const id = name.replace(/\W/g, "_");
  const call = command.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(" ");
  switch (shell) {
    case "bash":
      if (!install) return `complete -r '${name}' 2>/dev/null\nunset -f _${id}_completion\n`;
      return `_${id}_completion() {
  # A word ends at = and : for bash: what stands before them is not typed again.
  local word="\${COMP_LINE:0:COMP_POINT}"; word="\${word##*[[:space:]]}"
  local IFS=$'\\n'
  COMPREPLY=($(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" ${call} -sc query=bash 2>/dev/null))
  local typed="\${word%"\${word##*[=:]}"}"
  COMPREPLY=("\${COMPREPLY[@]#"$typed"}")
}
complete -o nospace -o default -F _${id}_completion '${name}'
`;
    case "zsh":
      if (!install) return `compdef -d '${name}'\nunfunction _${id}_completion\n`;
      return `_${id}_completion() {
  local -a found
  found=(\${(f)"$(COMP_LINE="$BUFFER" COMP_POINT="$CURSOR" ${call} -sc query=zsh 2>/dev/null)"})
  compadd -S '' -- $found
}
compdef _${id}_completion '${name}'
`;
    case "fish":
      if (!install) return `complete -e -c '${name}'\nfunctions -e _${id}_completion\n`;
      return `function _${id}_completion
  set -l line (commandline -cp)
  env COMP_LINE="$line" COMP_POINT=(string length -- "$line") ${call} -sc query=fish 2>/dev/null
end
complete -c '${name}' -f -a '(_${id}_completion)'
`;
    default:
      throw shellUnknown(shell);
  }
}
