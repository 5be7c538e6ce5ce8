import type { Remark } from "@episcope/records";

/** Follows the `seq` of a stream, which counts its records from 0. */
export class SeqCheck {
  /** Null after a message that could not be read: it is not known how many records it was. */
  #next: number | null = 0;

  skip(): void {
    this.#next = null;
  }

  /** A message of so many records; says what is wrong with its place. */
  next(seq: number, records: number): Remark | null {
    const expected = this.#next;
    this.#next = Math.max(expected ?? 0, seq + records);
    if (expected === null || seq === expected) return null;
    if (seq > expected) {
      const missing = seq - expected;
      const what = missing === 1 ? "1 record is" : `${missing} records are`;
      return { kind: "seq_gap", message: `seq ${seq} comes where ${expected} was to come: ${what} missing` };
    }
    return { kind: "seq_again", message: `seq ${seq} comes where ${expected} was to come` };
  }
}
