/** The password that a netrc file has for a machine, else for `default`; null where it has none. */
export function netrcPassword(text: string, machine: string): string | null {
  const words = [...withoutMacros(text).matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, plain]) => plain ?? quoted!.replaceAll(/\\(.)/g, "$1"),
  );
  let current: string | null = null;
  let fallback: string | null = null;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === "machine") current = words[++index] ?? null;
    else if (word === "default") current = "default";
    else if (word === "password") {
      const password = words[++index] ?? null;
      if (current === machine) return password;
      if (current === "default") fallback ??= password;
    } else if (word === "login" || word === "account") index += 1;
  }
  return fallback;
}

/** Macros end with an empty line; comments with their line. */
function withoutMacros(text: string): string {
  return text.replaceAll(/^macdef[\s\S]*?(\r?\n\s*\r?\n|$(?![\s\S]))/gm, "\n").replaceAll(/^\s*#.*$/gm, "");
}
