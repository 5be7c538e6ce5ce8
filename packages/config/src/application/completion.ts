import type { Composition } from "../compose/composition.js";
import { shellUnknown } from "./errors.js";
import { FLAGS } from "./flags.js";

/** Prefixes of overrides: what follows is a key or a group all the same. */
const PREFIX = /^(?:\+\+|\+|~)?/;

/**
 * The words that may stand where `word` stands: flags, config groups (`db=`) and their options (`db=mysql`), keys of the
 * composed config (`db.` for a mapping, `port=` for a value), and the values of a boolean. Sorted.
 */
export function completionsOf(word: string, composition: Composition<unknown>): string[] {
  if (word.startsWith("-")) {
    return FLAGS.flatMap(({ words }) => words.filter((flag) => flag.startsWith(word))).sort();
  }
  const sign = PREFIX.exec(word)![0];
  const rest = word.slice(sign.length);
  const equals = rest.indexOf("=");
  const found =
    equals >= 0
      ? valuesOf(rest.slice(0, equals), rest.slice(equals + 1), composition)
      : keysOf(rest, composition);
  return [...new Set(found)].map((text) => `${sign}${text}`).sort();
}

/** `db=my` becomes `db=mysql`; of a sweep `db=mysql,po` the last value. */
function valuesOf(key: string, typed: string, composition: Composition<unknown>): string[] {
  const comma = typed.lastIndexOf(",") + 1;
  const [before, begun] = [typed.slice(0, comma), typed.slice(comma)];
  const group = key.split("@", 1)[0]!;
  const options = composition.groupOptions(group);
  const known =
    options.length > 0 ? options : typeof valueAt(composition, key) === "boolean" ? ["false", "true"] : [];
  return known.filter((option) => option.startsWith(begun)).map((option) => `${key}=${before}${option}`);
}

function keysOf(typed: string, composition: Composition<unknown>): string[] {
  return [...groupsBelow(typed, composition), ...keysBelow(typed, composition)].filter((text) =>
    text.startsWith(typed),
  );
}

/** Groups of the folder that is being typed: with options `db=`, with groups below `db/`. */
function groupsBelow(typed: string, composition: Composition<unknown>): string[] {
  const slash = typed.lastIndexOf("/");
  const parent = slash < 0 ? "" : typed.slice(0, slash);
  return composition.subgroups(parent).flatMap((name) => {
    const group = parent === "" ? name : `${parent}/${name}`;
    // Hydra's own config is no choice.
    const own = group !== "hydra" && composition.groupOptions(group).length > 0 ? [`${group}=`] : [];
    return composition.subgroups(group).length > 0 ? [...own, `${group}/`] : own;
  });
}

function keysBelow(typed: string, composition: Composition<unknown>): string[] {
  const dot = typed.lastIndexOf(".");
  const parent = dot < 0 ? "" : typed.slice(0, dot);
  const names = composition.keysAt(parent);
  return names.map((name) => {
    const key = parent === "" ? name : `${parent}.${name}`;
    return composition.keysAt(key).length > 0 ? `${key}.` : `${key}=`;
  });
}

function valueAt(composition: Composition<unknown>, key: string): unknown {
  try {
    return composition.value(key);
  } catch {
    // What cannot be resolved has no values to offer.
    return undefined;
  }
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

/** What the shells evaluate: `eval "$(PROGRAM -sc install=bash)"`. They ask the program, which never runs its task for it. */
export function completionScript(shell: string, command: readonly string[], install: boolean): string {
  const name = command.at(-1)!.split("/").at(-1)!;
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
