import type { Run } from "@episcope/core";
import { dashboard, detectColors, detectTheme } from "@episcope/plugin-terminal";
import type { ProgramIo } from "./io.js";
import type { Tally } from "./tally.js";

const EVERY_MS = 200;

/**
 * Shows how a recording stands while it lasts, on a terminal only. The display is above the messages' place and is
 * taken away when it is disposed.
 */
export class LiveProgress implements Disposable {
  readonly #run: Run;
  readonly #tally: Tally;
  readonly #io: ProgramIo;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #lastSteps = 0;
  #lastTime = performance.now();

  constructor(run: Run, tally: Tally, io: ProgramIo) {
    this.#run = run;
    this.#tally = tally;
    this.#io = io;
    if (!io.stderrIsTerminal) return;
    this.#timer = setInterval(() => io.status(this.#text()), EVERY_MS);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#io.status("");
  }

  #text(): string {
    const { episodes, solved, steps, recentRewards, recentSimilarities } = this.#tally;
    const sinks = Object.entries(this.#run.stats().accounting).map(
      ([name, { accepted, written, dropped }]) => ({
        name,
        accepted,
        written,
        dropped,
        failed: null,
      }),
    );
    const now = performance.now();
    const stepsPerSecond = ((steps - this.#lastSteps) / (now - this.#lastTime)) * 1000;
    this.#lastSteps = steps;
    this.#lastTime = now;
    const sum = (of: (sink: (typeof sinks)[number]) => number): number =>
      sinks.reduce((total, one) => total + of(one), 0);
    return dashboard(
      {
        run: this.#run.name,
        elapsedSeconds: (now - this.#started) / 1000,
        episodes,
        solved,
        steps,
        stepsPerSecond,
        waiting: sum(({ accepted, written, dropped }) => accepted - written - dropped),
        dropped: sum(({ dropped }) => dropped),
        recentRewards,
        recentSimilarities,
        sinks,
      },
      {
        columns: this.#io.columns,
        colors: detectColors(this.#io.env, this.#io.stderrIsTerminal),
        theme: detectTheme(this.#io.env),
      },
    );
  }
}
