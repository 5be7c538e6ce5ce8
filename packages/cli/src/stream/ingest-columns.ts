import { EpiscopeError } from "@episcope/errors";
import {
  ColumnRecords,
  ColumnStream,
  type EpisodeRecord,
  type Refusal,
  type StepsMessage,
} from "@episcope/records";

/** What became of a `steps` message. */
export interface TakenColumns {
  /** Records that are missing before it, by its `seq`. */
  readonly missing: number;
  readonly refusals: readonly Refusal[];
  /** Nothing of it was taken. */
  readonly error?: EpiscopeError;
}

/** Takes a record, and resolves to why it did not. */
export type Offer = (record: EpisodeRecord, priority: number) => Promise<EpiscopeError | undefined>;

/** Makes records of the `steps` messages of a stream, one after the other. */
export class ColumnIngest {
  readonly #stream = new ColumnStream();
  readonly #maker = new ColumnRecords();
  readonly #offer: Offer;
  /** Records that came since the last `steps` message. */
  #others = 0;

  constructor(offer: Offer) {
    this.#offer = offer;
  }

  /**
   * Counts a message that is a record, or could not be read as one. A `steps` message that is refused stands for many: what
   * it held is missing then.
   */
  pass(code?: string): void {
    if (code !== "STEPS_INVALID") this.#others += 1;
  }

  async take({ columns, seq, records }: StepsMessage): Promise<TakenColumns> {
    try {
      const cursor = this.#stream.open(columns, { seq, records, others: this.#others });
      this.#others = 0;
      for (const record of this.#maker.records(cursor)) {
        const error = await this.#offer(record, record.type === "step" ? cursor.step.priority : 0);
        if (error !== undefined) cursor.refuse(error);
      }
      return { missing: cursor.missing, refusals: cursor.refusals };
    } catch (error) {
      if (error instanceof EpiscopeError) return { missing: 0, refusals: [], error };
      throw error;
    }
  }
}
