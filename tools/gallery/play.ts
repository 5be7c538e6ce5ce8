import {
  type Agent,
  type ArcTask,
  createRandomAgent,
  createSearchAgent,
  type EpisodeRecorder,
  OPERATION,
  playEpisodes,
} from "@episcope/arc-env";
import {
  type EpisodeEndRecord,
  type EpisodeSeries,
  type EpisodeStartRecord,
  EpisodeTracker,
  type StepView,
  type SummaryView,
} from "@episcope/records";

export interface GalleryEpisode {
  readonly steps: readonly StepView[];
  readonly summary: SummaryView;
}

export interface Material {
  readonly tasks: readonly ArcTask[];
  /** One episode for each task, by the search agent. */
  readonly searched: readonly GalleryEpisode[];
  /** Long, aimless episodes by the random agent. */
  readonly random: readonly GalleryEpisode[];
}

export async function playGallery(tasks: readonly ArcTask[]): Promise<Material> {
  const chosen = chooseTasks(tasks);
  const searched: GalleryEpisode[] = [];
  const random: GalleryEpisode[] = [];
  await playEpisodes({
    tasks: chosen,
    agent: createSearchAgent(),
    recorder: collect(searched),
    maxSteps: 60,
  });
  await playEpisodes({
    tasks: chosen.slice(0, 8),
    agent: createRandomAgent(),
    recorder: collect(random),
    episodes: 40,
    maxSteps: 120,
  });
  const [largest] = chosen.slice(-1);
  if (largest) {
    await playEpisodes({
      tasks: [largest],
      agent: withoutSubmitting(createRandomAgent()),
      recorder: collect(random),
      episodes: 1,
      maxSteps: 1000,
    });
  }
  return { tasks: chosen, searched, random };
}

/** The random agent gives up within a hundred steps; this one goes on until it is stopped. */
function withoutSubmitting(agent: Agent): Agent {
  return {
    ...agent,
    act: (observation, feedback) => {
      let decision = agent.act(observation, feedback);
      while (decision.action.operation === OPERATION.submit) decision = agent.act(observation, feedback);
      return decision;
    },
  };
}

/** Small, middling and large tasks, the largest last. */
function chooseTasks(tasks: readonly ArcTask[]): ArcTask[] {
  const size = ({ train }: ArcTask): number => Math.max(0, ...train.map(({ input }) => input.data.length));
  const sorted = [...tasks].sort((a, b) => size(a) - size(b) || (a.id < b.id ? -1 : 1));
  if (sorted.length <= 12) return sorted;
  return Array.from(
    { length: 12 },
    (_, index) => sorted[Math.round((index * (sorted.length - 1)) / 11)] as ArcTask,
  );
}

/** A recorder that makes the views as the pipeline makes them. */
function collect(into: GalleryEpisode[]): EpisodeRecorder {
  return {
    startEpisode: ({ taskId, pairIndex, mode, initial, input, target, meta }) => {
      const episode = String(into.length);
      const head: EpisodeStartRecord = {
        type: "episode-start",
        seq: 0,
        episode,
        time: 0,
        task_id: taskId,
        pair_index: pairIndex,
        mode,
        initial,
        input,
        target,
        meta,
      };
      const tracker = new EpisodeTracker(head, into.length + 1);
      const steps: StepView[] = [];
      return {
        step: (step) => {
          const { state: _state, ...rest } = step;
          const number = steps.length;
          steps.push(
            tracker.step({ type: "step", seq: number + 1, episode, step: number, time: 0, ...rest }),
          );
        },
        end: ({ outcome }) => {
          const end: EpisodeEndRecord = {
            type: "episode-end",
            seq: steps.length + 1,
            episode,
            time: 0,
            outcome,
            totals: tracker.totals,
          };
          into.push({ steps, summary: tracker.summary(end) });
        },
      };
    },
  };
}

export function seriesOf({ summary }: GalleryEpisode): EpisodeSeries {
  const { episode, outcome, totals, rewards, similarities } = summary;
  return {
    label: `episode ${episode.number}`,
    task_id: episode.task_id,
    outcome,
    totals,
    rewards,
    similarities,
  };
}
