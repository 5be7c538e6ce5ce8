import { unknownAgentError } from "../environment/errors.js";
import type { Agent } from "./agent.js";
import { createRandomAgent } from "./random-agent.js";
import { createSearchAgent } from "./search-agent.js";

const AGENTS: ReadonlyMap<string, () => Agent> = new Map([
  ["random", createRandomAgent],
  ["search", createSearchAgent],
]);

/** The names that `createAgent` knows. */
export const AGENT_NAMES: readonly string[] = [...AGENTS.keys()];

/** @throws EpiscopeError `UNKNOWN_AGENT` */
export function createAgent(name: string): Agent {
  const create = AGENTS.get(name);
  if (create === undefined) throw unknownAgentError(name, AGENT_NAMES);
  return create();
}
