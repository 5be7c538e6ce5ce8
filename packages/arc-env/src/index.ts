export type { Agent, AgentContext, Decision, Feedback } from "./agents/agent.js";
export { createRandomAgent } from "./agents/random-agent.js";
export { AGENT_NAMES, createAgent } from "./agents/registry.js";
export { createSearchAgent } from "./agents/search-agent.js";
export { applyOperation, type Canvas } from "./environment/apply-operation.js";
export {
  ArcEnvironment,
  type EnvironmentOptions,
  type EpisodeInfo,
  type Observation,
  type PairPlace,
  type ResetOptions,
  type StepResult,
} from "./environment/environment.js";
export { loadTasks, type TaskFileSystem } from "./environment/load-tasks.js";
export { isOperation, isPairSwitch, OPERATION, OPERATION_COUNT } from "./environment/operations.js";
export { createRandom, type Random } from "./environment/random.js";
export { DEFAULT_REWARD, type RewardFacts, type RewardWeights, stepReward } from "./environment/reward.js";
export { type RecordedState, runAgain, type StepDifference, stateAfter } from "./environment/run-again.js";
export { sampleTaskDirectory } from "./environment/sample-tasks.js";
export { ARC_MAX_COLOR, ARC_MAX_SIDE, type ArcTask, parseTask } from "./environment/task.js";
export {
  type EpisodeRecorder,
  type PlayedEpisode,
  type PlayedFrom,
  type PlayOptions,
  playEpisode,
  playEpisodes,
} from "./play-episodes.js";
