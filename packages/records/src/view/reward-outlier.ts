/** Rewards to have seen before one can stand out. */
const WARM_UP = 10;
/** How many spreads a reward is away from the median to stand out. */
const SPREADS = 5;

/**
 * Tells rewards that stand out of those before them, in constant memory: farther from the running median than
 * five times the spread, which is the larger of the interquartile range and the mean distance from the median.
 * The first ten rewards never stand out. A reward that is no finite number always does and is not counted.
 */
export class RewardOutlierDetector {
  readonly #lower = new RunningQuantile(0.25);
  readonly #median = new RunningQuantile(0.5);
  readonly #upper = new RunningQuantile(0.75);
  #count = 0;
  #distances = 0;

  /** Whether `reward` stands out; it counts for those that follow. */
  add(reward: number): boolean {
    if (!Number.isFinite(reward)) return true;
    const distance = this.#count === 0 ? 0 : Math.abs(reward - this.#median.value);
    const spread = Math.max(
      this.#upper.value - this.#lower.value,
      this.#distances / Math.max(1, this.#count),
    );
    const outlier = this.#count >= WARM_UP && distance > SPREADS * spread;
    this.#count += 1;
    this.#distances += distance;
    this.#lower.add(reward);
    this.#median.add(reward);
    this.#upper.add(reward);
    return outlier;
  }
}

/** The P² estimator of one quantile: five markers instead of all values (Jain and Chlamtac, 1985). */
class RunningQuantile {
  readonly #quantile: number;
  /** Of the values, that lie below each marker. */
  readonly #shares: readonly number[];
  readonly #heights: number[] = [];
  readonly #positions = [0, 1, 2, 3, 4];
  #count = 0;

  constructor(quantile: number) {
    this.#quantile = quantile;
    this.#shares = [0, quantile / 2, quantile, (1 + quantile) / 2, 1];
  }

  get value(): number {
    const heights = this.#heights;
    if (heights.length === 5) return heights[2]!;
    return heights[Math.floor(this.#quantile * (heights.length - 1))] ?? 0;
  }

  add(value: number): void {
    const heights = this.#heights;
    this.#count += 1;
    if (heights.length < 5) {
      heights.push(value);
      heights.sort((a, b) => a - b);
      return;
    }
    if (value < heights[0]!) heights[0] = value;
    if (value > heights[4]!) heights[4] = value;
    for (let marker = 1; marker < 5; marker++) {
      if (marker === 4 || value < heights[marker]!) this.#positions[marker]! += 1;
    }
    const shares = this.#shares;
    for (let marker = 1; marker <= 3; marker++) {
      const offset = (this.#count - 1) * shares[marker]! - this.#positions[marker]!;
      const room = offset > 0 ? this.#gap(marker) : this.#gap(marker - 1);
      if (Math.abs(offset) >= 1 && room > 1) this.#move(marker, offset > 0 ? 1 : -1);
    }
  }

  #gap(marker: number): number {
    return this.#positions[marker + 1]! - this.#positions[marker]!;
  }

  #move(marker: number, by: 1 | -1): void {
    const heights = this.#heights;
    const above = (heights[marker + 1]! - heights[marker]!) / this.#gap(marker);
    const below = (heights[marker]! - heights[marker - 1]!) / this.#gap(marker - 1);
    const width = this.#gap(marker) + this.#gap(marker - 1);
    const curved =
      heights[marker]! +
      (by / width) * ((this.#gap(marker - 1) + by) * above + (this.#gap(marker) - by) * below);
    const fits = heights[marker - 1]! < curved && curved < heights[marker + 1]!;
    heights[marker] = fits ? curved : heights[marker]! + by * (by > 0 ? above : below);
    this.#positions[marker]! += by;
  }
}
