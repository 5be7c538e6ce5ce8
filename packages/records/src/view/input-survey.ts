import type { RunEndRecord } from "../record/record.js";

const PAGE = 4096;

/** Which numbers the records of a run have. Takes a bit for each number between the first and the last, where there are any. */
export class SeqSurvey {
  readonly #pages: Map<number, Uint8Array> = new Map();
  #first = Number.POSITIVE_INFINITY;
  #last = -1;
  #count = 0;

  add(seq: number): void {
    const page = Math.floor(seq / (PAGE * 8));
    let bits = this.#pages.get(page);
    if (bits === undefined) {
      bits = new Uint8Array(PAGE);
      this.#pages.set(page, bits);
    }
    const place = seq % (PAGE * 8);
    const bit = 1 << (place & 7);
    if ((bits[place >> 3]! & bit) !== 0) return;
    bits[place >> 3]! |= bit;
    this.#count += 1;
    this.#first = Math.min(this.#first, seq);
    this.#last = Math.max(this.#last, seq);
  }

  /** How many numbers between the first and the last no record has. */
  get missing(): number {
    return this.#count === 0 ? 0 : this.#last - this.#first + 1 - this.#count;
  }
}

/** What the recorder noted of its input: what it refused, and what was wrong with records that it took. */
export function inputProblems({ accounting }: RunEndRecord): readonly string[] {
  const { input } = accounting;
  if (input === undefined) return [];
  const problems = Object.entries(input.remarks ?? {}).map(
    ([kind, count]) => `while recording, ${count} × ${kind} was remarked of the input`,
  );
  if (input.dropped === 0) return problems;
  const reasons = Object.entries(input.reasons).map(([code, count]) => `${count} ${code}`);
  return [`${input.dropped} messages of the input were refused (${reasons.join(", ")})`, ...problems];
}
