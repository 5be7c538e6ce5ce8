import type { ManifestEpisode } from "@episcope/records/store";
import { EXIT } from "../terminal/exit-status.js";
import { printable, table } from "../terminal/table.js";
import { counted } from "../terminal/words.js";
import { onlyRuns, openRunReader } from "./run-words.js";
import type { Verb } from "./verb.js";

interface ListFlags {
  readonly json?: boolean;
}

export const listVerb: Verb<ListFlags> = {
  declare(command) {
    command.option("--json", "one JSON object per episode and line");
  },
  async run({ words, flags }, io) {
    for (const word of onlyRuns("list", words, io)) {
      const run = openRunReader(word, io);
      if (flags.json === true) {
        for (const episode of run.episodes)
          await io.out(`${JSON.stringify({ run: run.name, ...episode })}\n`);
        continue;
      }
      const state = run.manifest.complete ? "" : ", not closed";
      await io.out(`${printable(run.name)}: ${counted(run.episodes.length, "episode")}${state}\n`);
      await io.out(table(HEADINGS, run.episodes.map(cells)));
    }
    return EXIT.done;
  },
};

const HEADINGS = ["episode", "task", "pair", "mode", "outcome", "steps", "reward", "similarity", "best"];

function cells(episode: ManifestEpisode): string[] {
  const { totals } = episode;
  const share = (value: number | null): string => (value === null ? "" : value.toFixed(3));
  return [
    String(episode.number),
    episode.task_id,
    // Counted from 1, as in the pictures.
    String(episode.pair_index + 1),
    episode.mode,
    episode.outcome,
    String(totals.steps),
    totals.reward.toFixed(3),
    share(totals.final_similarity),
    share(totals.best_similarity),
  ];
}
