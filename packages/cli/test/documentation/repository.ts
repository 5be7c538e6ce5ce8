import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT: string = join(import.meta.dirname, "../../../..");

/** Paths of the repository's files, relative to its root: those that are kept, and new ones that will be. */
export function trackedFiles(): string[] {
  const { stdout } = spawnSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return stdout.split("\n").filter((file) => file !== "" && existsSync(join(ROOT, file)));
}

export function readText(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** Text of every source file of the packages, by path relative to the root. */
export function packageSources(): Map<string, string> {
  const sources = new Map<string, string>();
  for (const name of readdirSync(join(ROOT, "packages"))) {
    const src = join("packages", name, "src");
    if (!existsSync(join(ROOT, src))) continue;
    for (const file of readdirSync(join(ROOT, src), { recursive: true }).map(String)) {
      if (file.endsWith(".ts")) sources.set(join(src, file), readText(join(src, file)));
    }
  }
  return sources;
}

export interface Snippet {
  readonly file: string;
  readonly language: string;
  /** Of its first line of code, counted from 1. */
  readonly line: number;
  readonly code: string;
}

/** The fenced blocks of a document. */
export function snippetsOf(file: string): Snippet[] {
  const snippets: Snippet[] = [];
  let open: { language: string; line: number; code: string[] } | undefined;
  for (const [index, line] of readText(file).split("\n").entries()) {
    const fence = /^```(\w*)\s*$/.exec(line);
    if (fence === null) open?.code.push(line);
    else if (open === undefined) open = { language: fence[1]!, line: index + 2, code: [] };
    else {
      snippets.push({ file, language: open.language, line: open.line, code: open.code.join("\n") });
      open = undefined;
    }
  }
  return snippets;
}

/** Words of a command line as a shell splits them, single quotes taken off. */
export function shellWords(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}
