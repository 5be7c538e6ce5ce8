import { processIo } from "../job/io.js";
import type { Task } from "../job/job.js";
import { isPoolWorker } from "../job/pool-worker.js";
import type { ApplicationOptions } from "./application.js";
import { runApplication, serveApplication } from "./run-application.js";

/**
 * Makes the program a Hydra application: reads its command line, composes the config, and runs the task in the job's directory,
 * once or as a sweep, or does what a flag asks for instead (`--cfg`, `--info`, `--help`, …). Sets the exit status of the
 * process: 0, 1 after an error, 2 after a wrong flag, 130 after Ctrl-C in a sweep.
 */
export async function main<T = Record<string, unknown>>(
  options: ApplicationOptions,
  task: Task<T>,
): Promise<void> {
  if (isPoolWorker()) return serveApplication(options, task, processIo());
  const controller = new AbortController();
  let asked = 0;
  const interrupt = (): void => {
    // The first asks for a clean end; whoever asks again means it.
    if (++asked > 1) process.exit(130);
    controller.abort();
  };
  const isSweep = process.argv.some((word) => word === "-m" || word.startsWith("--multi"));
  if (isSweep) process.on("SIGINT", interrupt);
  try {
    process.exitCode = await runApplication(options, task, processIo(), controller.signal);
  } finally {
    if (isSweep) process.off("SIGINT", interrupt);
  }
}
