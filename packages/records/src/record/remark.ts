/**
 * What a stream may be wrong in without losing a record for it.
 *
 * | kind | the record |
 * |---|---|
 * | `value_as_text` | has a text where a value of `info`, `state` or `meta` could not be used |
 * | `value_left_out` | lacks a value that nothing can stand for |
 * | `number_out_of_range` | has an infinity, or 0, where the text has a number that a double cannot hold |
 * | `duplicate_name` | has the last of the values that an object of the text gave one name |
 * | `text_not_utf8` | has U+FFFD where bytes of a text are no UTF-8 |
 * | `seq_gap`, `seq_again` | has a `seq` that leaves numbers out; that is not above the one before it |
 * | `step_gap`, `step_again` | is a step whose number leaves numbers out; that has been already |
 * | `step_after_end` | is a step after one that was `terminated` or `truncated` |
 * | `selection_outside` | selects cells outside the grid |
 * | `time` | has a `time` that cannot be one in Unix seconds |
 * | `outcome`, `totals` | ends an episode otherwise than its grids, otherwise than its steps |
 */
export const REMARK_KINDS = [
  "value_as_text",
  "value_left_out",
  "number_out_of_range",
  "duplicate_name",
  "text_not_utf8",
  "seq_gap",
  "seq_again",
  "step_gap",
  "step_again",
  "step_after_end",
  "selection_outside",
  "time",
  "outcome",
  "totals",
] as const;
export type RemarkKind = (typeof REMARK_KINDS)[number];

/** Something that is wrong with a record that was taken nevertheless. */
export interface Remark {
  readonly kind: RemarkKind;
  /** What it is about: a sentence without its full stop. */
  readonly message: string;
}

export type OnRemark = (remark: Remark) => void;
