import {
  type Action,
  createGrid,
  differingCells,
  type EpisodeMode,
  type Grid,
  gridSimilarity,
  type PlainObject,
  type StepInfo,
  type TaskPair,
} from "@episcope/records";
import { applyOperation, type Canvas } from "./apply-operation.js";
import { plainGrid } from "./clipboard-meta.js";
import { episodeOverError, invalidActionError, notResetError, unknownPairError } from "./errors.js";
import { isOperation, isPairSwitch, OPERATION, OPERATION_COUNT } from "./operations.js";
import { createRandom, type Random } from "./random.js";
import { DEFAULT_REWARD, type RewardWeights, stepReward } from "./reward.js";
import type { ArcTask } from "./task.js";

export interface EnvironmentOptions {
  /** The episode is truncated after this many steps. Default 100. */
  readonly maxSteps?: number;
  readonly reward?: Partial<RewardWeights>;
  /** What the canvas holds at the start: the pair's input (default), or a blank 3 by 3 grid. */
  readonly initial?: "input" | "blank";
  /** Shows target and similarity in test mode too. Default false. */
  readonly revealTestTarget?: boolean;
}

export interface ResetOptions {
  readonly task: ArcTask;
  /** Default "train". */
  readonly mode?: EpisodeMode;
  /** Counted from 0 among the pairs of the mode; drawn at random where it is left out. */
  readonly pairIndex?: number;
  /** Starts the environment's own random numbers anew. */
  readonly seed?: number;
  /** Enters the episode in this state instead of its beginning. */
  readonly canvas?: Canvas;
  /** The pair, where the task itself does not have it; `pairIndex` is then its name alone. */
  readonly pair?: TaskPair;
}

export interface Observation {
  readonly grid: Grid;
  readonly input: Grid;
  /** Null where it is hidden (test mode) or unknown. */
  readonly target: Grid | null;
  readonly clipboard: Grid | null;
  /** Steps taken in this episode. */
  readonly step: number;
}

/** What an episode starts from; the fields of an `episode-start` record. */
export interface EpisodeInfo {
  readonly taskId: string;
  readonly pairIndex: number;
  readonly mode: EpisodeMode;
  /** Similarity of the start; null where it is hidden or unknown. */
  readonly similarity: number | null;
}

/** Where a pair switch leads to. */
export interface PairPlace {
  readonly mode: EpisodeMode;
  readonly pairIndex: number;
}

export interface StepResult {
  readonly observation: Observation;
  readonly reward: number;
  /** The agent submitted. */
  readonly terminated: boolean;
  /** The step limit, or a pair switch. */
  readonly truncated: boolean;
  /** `similarity` and `success` are left out where the target is hidden; `success` is told at the submission. */
  readonly info: StepInfo;
  /** What the environment holds beside the observation's grids; for records that keep whole states. */
  readonly state: PlainObject;
  /** Set by a pair switch: give it to the next `reset`. */
  readonly next: PairPlace | null;
}

/** State of the episode under way. */
interface Episode {
  readonly task: ArcTask;
  readonly mode: EpisodeMode;
  readonly pairIndex: number;
  readonly pair: TaskPair;
  readonly hidden: boolean;
  canvas: Canvas;
  step: number;
  over: boolean;
}

/** A playable ARC environment with the calls of Gymnasium: `reset`, then `step` until terminated or truncated. */
export class ArcEnvironment {
  readonly maxSteps: number;
  readonly #options: EnvironmentOptions;
  readonly #weights: RewardWeights;
  #random: Random = createRandom(0);
  #episode: Episode | null = null;

  constructor(options: EnvironmentOptions = {}) {
    this.maxSteps = options.maxSteps ?? 100;
    this.#options = options;
    this.#weights = { ...DEFAULT_REWARD, ...options.reward };
  }

  /** @throws EpiscopeError `UNKNOWN_PAIR` */
  reset(options: ResetOptions): { observation: Observation; info: EpisodeInfo } {
    if (options.seed !== undefined) this.#random = createRandom(options.seed);
    const { task, mode = "train", canvas } = options;
    const pairs = task[mode];
    const pairIndex = options.pairIndex ?? this.#random.below(Math.max(1, pairs.length));
    const pair = options.pair ?? pairs[pairIndex];
    if (pair === undefined) throw unknownPairError(task.id, mode, pairIndex, pairs.length);
    const episode: Episode = {
      task,
      mode,
      pairIndex,
      pair,
      hidden: mode === "test" && this.#options.revealTestTarget !== true,
      canvas: canvas ?? {
        grid: this.#options.initial === "blank" ? createGrid(3, 3) : pair.input,
        clipboard: null,
      },
      step: 0,
      over: false,
    };
    this.#episode = episode;
    const similarity = visibleSimilarity(episode);
    return { observation: observe(episode), info: { taskId: task.id, pairIndex, mode, similarity } };
  }

  /**
   * @throws EpiscopeError `ENVIRONMENT_NOT_RESET`, `EPISODE_OVER`, `INVALID_ACTION` (an unknown operation or a
   * selection that is not made of integers), `SELECTION_INVALID` (a mask of another length). State is then unchanged.
   */
  step(action: Action): StepResult {
    const episode = this.#episode;
    if (episode === null) throw notResetError();
    if (episode.over) throw episodeOverError(episode.task.id);
    checkAction(action);
    const similarityBefore = visibleSimilarity(episode);
    const before = episode.canvas.grid;
    episode.canvas = applyOperation(episode.canvas, action, episode.pair.input);
    episode.step += 1;
    const submitted = action.operation === OPERATION.submit;
    const switched = isPairSwitch(action.operation);
    const truncated = !submitted && (switched || episode.step >= this.maxSteps);
    episode.over = submitted || truncated;

    const similarity = visibleSimilarity(episode);
    const similarityChange =
      similarity === null || similarityBefore === null ? null : similarity - similarityBefore;
    const solved = isSolved(episode.canvas.grid, episode.pair.output);
    // Kept from a player of a hidden pair until the submission is final.
    const success = episode.hidden && !submitted ? null : solved;
    return {
      observation: observe(episode),
      reward: stepReward(
        { similarityChange: episode.mode === "test" ? null : similarityChange, submitted, solved },
        this.#weights,
      ),
      terminated: submitted,
      truncated,
      info: {
        ...(similarity === null ? {} : { similarity }),
        ...(success === null ? {} : { success }),
        metrics: { changed_cells: differingCells(before, episode.canvas.grid) },
      },
      state: stateOf(episode),
      next: switched ? neighbour(episode, action.operation) : null,
    };
  }
}

function observe({ canvas, pair, hidden, step }: Episode): Observation {
  const target = hidden ? null : pair.output;
  return { grid: canvas.grid, input: pair.input, target, clipboard: canvas.clipboard, step };
}

/** As plain data; holds nothing that is hidden from the player. */
function stateOf({ canvas: { clipboard }, mode, pairIndex, step }: Episode): PlainObject {
  return {
    mode,
    pair_index: pairIndex,
    step_count: step,
    clipboard: clipboard === null ? null : plainGrid(clipboard),
  };
}

function visibleSimilarity({ canvas, pair, hidden }: Episode): number | null {
  return hidden || pair.output === null ? null : gridSimilarity(canvas.grid, pair.output);
}

/** Stricter than similarity 1, which forgives cells beyond the target: the shape has to be right too. */
function isSolved(grid: Grid, target: Grid | null): boolean | null {
  if (target === null) return null;
  return (
    grid.shape[0] === target.shape[0] &&
    grid.shape[1] === target.shape[1] &&
    gridSimilarity(grid, target) === 1
  );
}

function checkAction(action: Action): void {
  const { operation, selection } = action;
  if (!isOperation(operation))
    throw invalidActionError(`operation ${operation} is not one of 0 to ${OPERATION_COUNT - 1}`, {
      operation,
    });
  if (selection === undefined || selection.kind === "mask") return;
  const numbers = selection.kind === "point" ? selection.point : selection.bbox;
  const needed = selection.kind === "point" ? 2 : 4;
  if (numbers.length !== needed || !numbers.every(Number.isInteger))
    throw invalidActionError(`its ${selection.kind} [${numbers.join(", ")}] is not ${needed} integers`, {
      operation,
    });
}

/** The next or previous pair, around the end; from the other mode: its first or last pair. */
function neighbour({ task, mode, pairIndex }: Episode, operation: number): PairPlace {
  const test = operation >= OPERATION.nextTestPair;
  const to: EpisodeMode = test && task.test.length > 0 ? "test" : "train";
  const forwards = operation === OPERATION.nextTrainPair || operation === OPERATION.nextTestPair;
  const count = task[to].length;
  if (to !== mode) return { mode: to, pairIndex: forwards ? 0 : count - 1 };
  return { mode: to, pairIndex: (pairIndex + (forwards ? 1 : count - 1)) % count };
}
