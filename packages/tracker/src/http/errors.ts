import { EpiscopeError } from "@episcope/errors";

/** The server said no in a way that asking again would not change. */
export class RequestRefused extends EpiscopeError {
  /** HTTP status. */
  readonly status: number;

  constructor(url: string, status: number, detail: string) {
    super("TRACKER_REFUSED", `${shownUrl(url)} answered ${status}${detail === "" ? "" : `: ${detail}`}`, {
      hint: hintFor(status),
      fields: { url: shownUrl(url), status },
    });
    this.status = status;
  }
}

export function answerTooLarge(url: string, limit: number): EpiscopeError {
  return new EpiscopeError("TRACKER_ANSWER_INVALID", `${shownUrl(url)} sent more than ${limit} bytes`, {
    hint: "Check that the address is that of a tracking server.",
    fields: { url: shownUrl(url) },
  });
}

/** The answer came, with a status of success, and is not what the protocol says. */
export function answerInvalid(url: string, problem: string): EpiscopeError {
  return new EpiscopeError("TRACKER_ANSWER_INVALID", `${shownUrl(url)} gave an answer that ${problem}`, {
    hint: "Check that the address is that of a tracking server, and that no proxy answers in its place.",
    fields: { url: shownUrl(url) },
  });
}

/** An address without user, password, query and fragment, which may be secrets. */
export function shownUrl(url: string): string {
  try {
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`;
  } catch {
    return "(an address that is none)";
  }
}

function hintFor(status: number): string {
  if (status === 401) return "Check the key; it is expired, or belongs to another server.";
  if (status === 403) return "Check that the key may write to this entity and project.";
  if (status === 404) return "Check the server's address, the entity and the project.";
  if (status === 413) return "The server takes smaller requests only; log less in one row.";
  if (status >= 300 && status < 400) return "Give the address that the server redirects to.";
  return "Look at the server's own log; everything is kept on this disk and can be sent again.";
}
