import type { Action, EpisodeMode, StepInfo } from "@episcope/records";
import type { Observation } from "../environment/environment.js";
import type { ArcTask } from "../environment/task.js";

export interface AgentContext {
  /** Outputs of test pairs are null. */
  readonly task: ArcTask;
  readonly mode: EpisodeMode;
  readonly pairIndex: number;
  readonly maxSteps: number;
}

/** What the agent's last action led to; at the first step, how the episode starts (reward 0). */
export interface Feedback {
  readonly reward: number;
  readonly info: StepInfo;
}

export interface Decision {
  readonly action: Action;
  /** Scalars about the choice; they reach the record's `info.metrics`. */
  readonly metrics?: { readonly [name: string]: number };
}

/** Plays one episode at a time: `begin`, then `act` for each step. Keeps its own state and random numbers. */
export interface Agent {
  readonly name: string;
  begin(context: AgentContext, seed: number): void;
  act(observation: Observation, feedback: Feedback): Decision;
}
