import { EpiscopeError } from "@episcope/errors";

/** There is no server to send to, or no token for it. */
export function serverMissing(): EpiscopeError {
  return new EpiscopeError(
    "TRACKIO_SERVER_MISSING",
    "no Trackio server is named, or there is no token for it",
    {
      hint: "Set TRACKIO_SERVER_URL, and TRACKIO_WRITE_TOKEN, a file that TRACKIO_WRITE_TOKEN_FILE names, or ~/.netrc; 'trackio show' prints both.",
    },
  );
}
