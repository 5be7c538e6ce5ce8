import type { EpisodeRecord } from "../record/record.js";

/** An episode as it stands in the journal. */
export interface EpisodeSource {
  readonly number: number;
  /** From the first record to the last, in order; may be iterated more than once. */
  records(): Iterable<EpisodeRecord>;
}
