import { cleanText, runsRightToLeft } from "@episcope/drawing";

/** A recorded string as HTML text or as the value of a quoted attribute. Also well-formed XML. */
export function escaped(text: string): string {
  return cleanText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** The same as HTML text; letters that run from right to left do not reorder what stands beside them. */
export function isolated(text: string): string {
  return runsRightToLeft(text) ? `<bdi>${escaped(text)}</bdi>` : escaped(text);
}
