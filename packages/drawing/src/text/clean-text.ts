/** Longest text that is looked at; what lies behind it could not be drawn anyway. */
const MAX_LENGTH = 2000;

/** Controls C0 and C1, line and paragraph separators: what would break a line or be invisible. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Characters that reorder or hide their neighbours: bidirectional marks, embeddings, isolates, tags. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const LONE_SURROGATES = /\p{Surrogate}/gu;
/** Code points that XML 1.0 has no place for, or that stand for nothing. */
const NONCHARACTERS = /[\ufdd0-\ufdef\ufffe\uffff]/g;

/**
 * Text of a record, made fit for one line of a picture: at most 2000 UTF-16 units (an ellipsis where it was
 * cut), runs of control characters become one space, marks that reorder text, lone surrogates and
 * noncharacters become U+FFFD. Markup is left as it is: escaping is the output's business.
 */
export function cleanText(text: string): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  if (/^[\u0020-\u007e]*$/.test(cut)) return cut;
  return cut
    .replace(LONE_SURROGATES, "\ufffd")
    .replace(CONTROLS, " ")
    .replace(REORDERING, "\ufffd")
    .replace(NONCHARACTERS, "\ufffd");
}

/** Whether a text has letters that run from right to left, so that an output must isolate it. */
export function runsRightToLeft(text: string): boolean {
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(text);
}
