import type { KeyStep } from "./view.js";

/** Above so many the ordinary ones are thinned out to half. */
const MOST = 1_000;
/** Few by their nature, and what a reader looks for: kept as long as there is room for nothing else. */
const RARE: ReadonlySet<string> = new Set(["first", "first_success", "new_best", "last"]);

interface Entry {
  readonly ordinal: number;
  readonly step: KeyStep;
}

/**
 * The key steps of an episode, with their grids, in bounded memory: an agent that goes back and forth may have nothing
 * else. Of more than a thousand every second ordinary one is kept, then every fourth, and so on, evenly over the episode; which ones depends on nothing but the steps.
 */
export class KeyStepList {
  #entries: Entry[] = [];
  #count = 0;
  /** Of the ordinary ones, every so manieth is kept. */
  #stride = 1;
  #rareStride = 1;

  /** Of all that were added. */
  get count(): number {
    return this.#count;
  }

  /** In the order of steps. */
  toArray(): KeyStep[] {
    return this.#entries.map(({ step }) => step);
  }

  add(step: KeyStep): void {
    const entry = { ordinal: this.#count, step };
    this.#count += 1;
    if (!this.#keeps(entry)) return;
    this.#entries.push(entry);
    while (this.#entries.length > MOST) {
      const ordinary = this.#entries.filter(({ step: { reasons } }) => !isRare(reasons)).length;
      if (ordinary > MOST / 2) this.#stride *= 2;
      else this.#rareStride *= 2;
      this.#entries = this.#entries.filter((kept) => this.#keeps(kept));
    }
  }

  #keeps({ ordinal, step }: Entry): boolean {
    return ordinal % (isRare(step.reasons) ? this.#rareStride : this.#stride) === 0;
  }
}

function isRare(reasons: KeyStep["reasons"]): boolean {
  return reasons.some((reason) => RARE.has(reason));
}
