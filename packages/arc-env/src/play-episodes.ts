import type {
  Action,
  EpisodeMode,
  EpisodeTotals,
  Grid,
  Outcome,
  PlainObject,
  StepInfo,
} from "@episcope/records";
import type { Agent, Feedback } from "./agents/agent.js";
import { clipboardMeta } from "./environment/clipboard-meta.js";
import {
  ArcEnvironment,
  type EnvironmentOptions,
  type PairPlace,
  type ResetOptions,
} from "./environment/environment.js";
import { OPERATION, PAIR_SWITCH_NAMES } from "./environment/operations.js";
import type { ArcTask } from "./environment/task.js";

/** What `playEpisodes` needs of a recorder; core's `Run` has this shape. */
export interface EpisodeRecorder {
  startEpisode(start: {
    readonly taskId: string;
    readonly pairIndex: number;
    readonly mode: EpisodeMode;
    readonly initial: Grid;
    readonly input: Grid;
    readonly target: Grid | null;
    readonly meta: PlainObject;
  }): {
    step(step: {
      readonly action: Action;
      readonly after: Grid;
      readonly reward: number;
      readonly terminated: boolean;
      readonly truncated: boolean;
      readonly info: StepInfo;
      readonly state: PlainObject;
    }): unknown;
    end(end: { readonly outcome: Outcome }): unknown;
  };
}

export interface PlayOptions {
  readonly tasks: readonly ArcTask[];
  readonly agent: Agent;
  readonly recorder: EpisodeRecorder;
  /** Default: one for each task. Tasks are taken in turn, and in each further round the next pair of each. */
  readonly episodes?: number;
  /** Default 100. */
  readonly maxSteps?: number;
  /** Of the agent's random numbers; episode n (from 0) gets seed + n. Default 0. */
  readonly seed?: number;
  /** Default "train". Tasks without pairs of the mode are passed over. */
  readonly mode?: EpisodeMode;
  readonly environment?: Omit<EnvironmentOptions, "maxSteps">;
  /** Ends the episode under way with the outcome "aborted", and the play. */
  readonly signal?: AbortSignal;
}

export interface PlayedEpisode extends EpisodeTotals {
  readonly taskId: string;
  readonly pairIndex: number;
  readonly mode: EpisodeMode;
  readonly outcome: Outcome;
}

/**
 * Plays episodes and hands them to a recorder. An action that switches the pair ends its episode as "aborted", since
 * an episode has one target; the next episode is then on the pair it asked for.
 */
export async function playEpisodes(options: PlayOptions): Promise<PlayedEpisode[]> {
  const mode = options.mode ?? "train";
  const tasks = options.tasks.filter((task) => task[mode].length > 0);
  const environment = new ArcEnvironment({ ...options.environment, maxSteps: options.maxSteps ?? 100 });
  const played: PlayedEpisode[] = [];
  const episodes = tasks.length === 0 ? 0 : (options.episodes ?? tasks.length);
  let asked: (PairPlace & { readonly task: ArcTask }) | null = null;
  for (let episode = 0; episode < episodes && options.signal?.aborted !== true; episode++) {
    const place: PairPlace & { readonly task: ArcTask } = asked ?? placeOf(tasks, mode, episode);
    const { result, next } = await playEpisode(environment, place, options, (options.seed ?? 0) + episode);
    played.push(result);
    asked = next === null ? null : { ...next, task: place.task };
  }
  return played;
}

function placeOf(
  tasks: readonly ArcTask[],
  mode: EpisodeMode,
  episode: number,
): PairPlace & { task: ArcTask } {
  const task = tasks[episode % tasks.length]!;
  return { task, mode, pairIndex: Math.floor(episode / tasks.length) % task[mode].length };
}

/** Where an episode begins. */
export interface PlayedFrom extends Pick<ResetOptions, "canvas" | "pair">, PairPlace {
  readonly task: ArcTask;
  /** Beside what is always said in the episode's `meta`. */
  readonly meta?: PlainObject;
}

/** Plays one episode; `next` is the pair that the agent has asked for by a switch, else null. */
export async function playEpisode(
  environment: ArcEnvironment,
  { task, mode, pairIndex, canvas, pair, meta }: PlayedFrom,
  { agent, recorder, signal }: Pick<PlayOptions, "agent" | "recorder" | "signal">,
  seed: number,
): Promise<{ result: PlayedEpisode; next: PairPlace | null }> {
  const place = { ...(canvas === undefined ? {} : { canvas }), ...(pair === undefined ? {} : { pair }) };
  const start = environment.reset({ task, mode, pairIndex, seed, ...place });
  let { observation } = start;
  const recording = recorder.startEpisode({
    taskId: task.id,
    pairIndex,
    mode,
    initial: observation.grid,
    input: observation.input,
    target: observation.target,
    meta: { agent: agent.name, seed, max_steps: environment.maxSteps, ...meta, ...clipboardMeta(canvas) },
  });
  agent.begin({ task: withoutTestOutputs(task), mode, pairIndex, maxSteps: environment.maxSteps }, seed);

  let best = start.info.similarity;
  let similarity = best;
  let total = 0;
  let outcome: Outcome = "aborted";
  let next: PairPlace | null = null;
  let feedback: Feedback = { reward: 0, info: similarity === null ? {} : { similarity } };
  while (signal?.aborted !== true) {
    const decision = agent.act(observation, feedback);
    const action = named(decision.action);
    const result = environment.step(action);
    const info = { ...result.info, metrics: { ...result.info.metrics, ...decision.metrics } };
    const { reward, terminated, truncated, state } = result;
    recording.step({ action, after: result.observation.grid, reward, terminated, truncated, info, state });
    observation = result.observation;
    feedback = { reward, info: result.info };
    total += reward;
    similarity = info.similarity ?? null;
    if (similarity !== null) best = Math.max(best ?? 0, similarity);
    if (!terminated && !truncated) continue;
    next = result.next;
    outcome = outcomeOf(terminated, info.success, next);
    break;
  }
  await recording.end({ outcome });
  const totals = {
    steps: observation.step,
    reward: total,
    final_similarity: similarity,
    best_similarity: best,
  };
  return { result: { taskId: task.id, pairIndex, mode, outcome, ...totals }, next };
}

/** "aborted" also where the answer is not known: neither a success nor a failure. */
function outcomeOf(terminated: boolean, success: boolean | undefined, next: PairPlace | null): Outcome {
  if (next !== null) return "aborted";
  if (!terminated) return "truncated";
  if (success === undefined) return "aborted";
  return success ? "success" : "failure";
}

function withoutTestOutputs(task: ArcTask): ArcTask {
  return { ...task, test: task.test.map(({ input }) => ({ input, output: null })) };
}

/** Core knows the names of 0..34 only. */
function named(action: Action): Action {
  const name = PAIR_SWITCH_NAMES[action.operation - OPERATION.nextTrainPair];
  return name === undefined || action.name !== undefined ? action : { ...action, name };
}
