import type { EpisodeRecorder } from "@episcope/arc-env";
import type { StreamRecord } from "@episcope/records";

/** Episodes that the curves of the dashboard show, at most. */
const RECENT = 60;

/** Counts what goes into a run, for the progress display. */
export class Tally {
  episodes = 0;
  solved = 0;
  steps = 0;
  /** Of the episodes that ended last, the newest at the end. */
  readonly recentRewards: number[] = [];
  /** NaN where unknown. */
  readonly recentSimilarities: number[] = [];

  /** A record that the run accepted. */
  count(record: StreamRecord): void {
    if (record.type === "step") this.steps += 1;
    if (record.type !== "episode-end") return;
    const { reward, final_similarity } = record.totals;
    this.#end(record.outcome === "success", reward, final_similarity);
  }

  /** The same for a recorder that takes calls instead of records. */
  counting(recorder: EpisodeRecorder): EpisodeRecorder {
    return {
      startEpisode: (start) => {
        const episode = recorder.startEpisode(start);
        let reward = 0;
        let similarity: number | null = null;
        return {
          step: (step) => {
            this.steps += 1;
            reward += step.reward;
            similarity = step.info.similarity ?? null;
            return episode.step(step);
          },
          end: (end) => {
            this.#end(end.outcome === "success", reward, similarity);
            return episode.end(end);
          },
        };
      },
    };
  }

  #end(solved: boolean, reward: number, similarity: number | null): void {
    this.episodes += 1;
    if (solved) this.solved += 1;
    this.recentRewards.push(reward);
    this.recentSimilarities.push(similarity ?? Number.NaN);
    if (this.recentRewards.length > RECENT) {
      this.recentRewards.shift();
      this.recentSimilarities.shift();
    }
  }
}
