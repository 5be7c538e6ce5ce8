import { EpiscopeError } from "@episcope/errors";

/** Columns that cannot be read as steps: nothing of them was taken. `path` says where. */
export function stepsInvalid(path: string, problem: string, fields: object = {}): EpiscopeError {
  return new EpiscopeError("STEPS_INVALID", `steps${path === "" ? "" : ` at '${path}'`}: ${problem}.`, {
    hint: "Send the columns as docs/formats.md describes them; nothing of these was recorded.",
    fields: { path, ...fields },
  });
}

/** The steps of an environment in which no episode has started, or whose start was refused. */
export function environmentIdle(env: number, t: number): EpiscopeError {
  return new EpiscopeError("EPISODE_UNKNOWN", `environment ${env} has no open episode at row ${t}.`, {
    hint: "Send a start for each episode; after the end of one, its environment's steps are refused until the next start.",
    fields: { env, t },
  });
}

/** Two environments are to fill one episode. */
export function columnKeyOpen(key: string, env: number, t: number): EpiscopeError {
  return new EpiscopeError(
    "EPISODE_OPEN",
    `the episode '${key}' that starts in environment ${env} before row ${t} is open in another environment.`,
    { hint: "Give each episode a key of its own, or none.", fields: { episode: key, env, t } },
  );
}
