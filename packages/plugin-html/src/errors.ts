import { EpiscopeError } from "@episcope/errors";

export function notAnEpisode(kind: string): EpiscopeError {
  return new EpiscopeError("PAGE_KIND_UNKNOWN", `A view of kind '${kind}' has no page.`, {
    hint: "The html renderer draws whole episodes; pictures of other views are drawn by svg and png.",
    fields: { kind, options: ["episode"] },
  });
}
