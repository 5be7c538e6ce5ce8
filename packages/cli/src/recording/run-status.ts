import type { Run } from "@episcope/core";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";

/**
 * The exit status for a run that is closed: done, or done with loss where an output is incomplete or the run is not where it
 * was asked for. What it was stands in the messages already.
 */
export function runStatus(run: Run): ExitStatus {
  const { accounting, elsewhere } = run.stats();
  const isIncomplete = Object.values(accounting).some(({ dropped }) => dropped > 0);
  return isIncomplete || elsewhere ? EXIT.repairedWithLoss : EXIT.done;
}
