import { EpiscopeError } from "@episcope/errors";

/**
 * Milliseconds of processor time that a run takes, the least of some rounds: what other programs on the machine do
 * does not count.
 */
export function processorTime(run: () => unknown, rounds = 3): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    try {
      run();
    } catch (error) {
      // A refusal takes its time too.
      if (!(error instanceof EpiscopeError)) throw error;
    }
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/**
 * How many times as long a run of four times the size takes: 4 where the time grows with the size, 16 where it grows
 * with its square. Measured again while it is more than 8, as something else may have had the processor.
 */
export function growthOf(run: (size: number) => unknown, size: number): number {
  processorTime(() => run(size), 1);
  let growth = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && growth > 8; attempt++) {
    // Below two milliseconds the clock is too coarse.
    growth =
      processorTime(() => run(4 * size)) /
      Math.max(
        processorTime(() => run(size)),
        2,
      );
  }
  return growth;
}
