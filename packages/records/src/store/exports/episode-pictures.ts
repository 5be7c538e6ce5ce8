import { basename, join } from "node:path";
import type { FileSystem } from "../../disk/file-system.js";
import type { NameFormat } from "../name-format.js";
import type { EpisodePictures } from "./episode-log.js";

/** Of several pictures of one step the first of these is named; after them the others, by their names. */
const EXTENSIONS = ["svg", "png", "html"];

/** Finds the pictures in an episode's directory by their names. */
export function episodePictures(fs: FileSystem, directory: string, stepFile: NameFormat): EpisodePictures {
  const byStem = new Map<string, string>();
  for (const name of picturesFirst(namesIn(fs, directory))) {
    const stem = name.slice(0, name.lastIndexOf("."));
    if (!byStem.has(stem)) byStem.set(stem, `${basename(directory)}/${name}`);
  }
  return {
    step: (step) => byStem.get(stepFile.format(step)) ?? null,
    summary: byStem.get("summary") ?? null,
  };
}

function namesIn(fs: FileSystem, directory: string): string[] {
  try {
    return fs.readdirSync(join(directory)).map(String);
  } catch {
    return [];
  }
}

function picturesFirst(names: readonly string[]): string[] {
  const rank = (name: string): number => {
    const at = EXTENSIONS.findIndex((extension) => name.endsWith(`.${extension}`));
    return at < 0 ? EXTENSIONS.length : at;
  };
  return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
