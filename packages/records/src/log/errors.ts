import { EpiscopeError } from "@episcope/errors";

/** A step or an end came for an episode that was not started, or is over. */
export function logEpisodeUnknown(key: string): EpiscopeError {
  return new EpiscopeError("LOG_EPISODE_UNKNOWN", `the log has no open episode '${key}'.`, {
    hint: "Append its 'episode-start' first.",
    fields: { episode: key },
  });
}
