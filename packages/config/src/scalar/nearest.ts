import { closest, distance } from "fastest-levenshtein";

/** The option closest to a word, if it is close enough to be what was meant. */
export function nearest(word: string, options: readonly string[]): string | undefined {
  if (options.length === 0) return undefined;
  const found = closest(word, options);
  const slips = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  return distance(word, found) <= slips ? found : undefined;
}
