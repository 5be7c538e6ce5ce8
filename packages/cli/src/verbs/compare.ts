import {
  compareEpisodes,
  compareRuns,
  comparisonMarkdown,
  episodeComparisonMarkdown,
} from "@episcope/analysis";
import { sidesDiffer } from "../terminal/errors.js";
import { EXIT } from "../terminal/exit-status.js";
import { twoPlaces } from "./run-places.js";
import type { Verb } from "./verb.js";

interface CompareFlags {
  readonly json?: boolean;
}

export const compareVerb: Verb<CompareFlags> = {
  declare(command) {
    command.option("--json", "the whole comparison as one JSON object, instead of Markdown");
  },
  async run({ words, flags }, io) {
    const [a, b] = twoPlaces("compare", words, io);
    const options = { fs: io.fs };
    if (a.episode !== null && b.episode !== null) {
      const sides = [a, b].map(({ dir, episode }) => ({ dir, episode: episode! }));
      const comparison = compareEpisodes(sides[0]!, sides[1]!, options);
      await io.out(
        flags.json === true ? `${JSON.stringify(comparison)}\n` : episodeComparisonMarkdown(comparison),
      );
      return EXIT.done;
    }
    if (a.episode !== null || b.episode !== null) throw sidesDiffer(words[0]!, words[1]!);
    const comparison = compareRuns(a.dir, b.dir, options);
    await io.out(flags.json === true ? `${JSON.stringify(comparison)}\n` : comparisonMarkdown(comparison));
    return EXIT.done;
  },
};
