import { EpiscopeError } from "@episcope/errors";

export function noPictureOfView(kind: string, kinds: readonly string[]): EpiscopeError {
  return new EpiscopeError("PICTURE_KIND_UNKNOWN", `A view of kind '${kind}' has no picture.`, {
    hint: `Views with a picture: ${kinds.join(", ")}. An episode is drawn as a page by the html renderer.`,
    fields: { kind, options: kinds },
  });
}
