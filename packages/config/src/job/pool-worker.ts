import { EpiscopeError } from "@episcope/errors";
import type { JobReturn } from "./job.js";
import type { JobRequest } from "./launcher.js";

/** Set in the processes of a pool: the program runs the jobs that it is sent instead of what its command line says. */
const WORKER = "EPISCOPE_POOL_WORKER";

export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code?: string;
  readonly hint?: string;
}

export type WireReturn = Omit<JobReturn, "error"> & { readonly error: WireError | undefined };

/** The environment of a worker. */
export function workerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, [WORKER]: "1" };
}

/** Whether this process is one of a pool. */
export function isPoolWorker(): boolean {
  return process.env[WORKER] === "1" && process.send !== undefined;
}

/** Runs the jobs that the pool sends, one after the other, until it closes the channel. */
export async function serveJobs(run: (request: JobRequest) => Promise<JobReturn>): Promise<void> {
  // What a task starts by itself is no worker of this pool.
  delete process.env[WORKER];
  process.on("message", (request: JobRequest) => {
    void run(request).then(
      (job) => send(job),
      (error: unknown) => send(notRun(request, error)),
    );
  });
  await new Promise<void>((resolve) => process.once("disconnect", resolve));
}

/** A job that could not even begin. */
function notRun({ number, overrides }: JobRequest, error: unknown): JobReturn {
  return { number, overrides, outputDir: "", status: "failed", value: undefined, error, milliseconds: 0 };
}

function send(job: JobReturn): void {
  const wire: WireReturn = { ...job, error: job.error === undefined ? undefined : wireError(job.error) };
  try {
    process.send!(wire);
  } catch {
    // What a task returned may be nothing that can be sent.
    process.send!({ ...wire, value: String(job.value) });
  }
}

function wireError(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined };
  const { name, message, stack } = error;
  if (!(error instanceof EpiscopeError)) return { name, message, stack };
  const { code, hint } = error;
  return { name, message, stack, code, ...(hint === undefined ? {} : { hint }) };
}

/** The error of a job, as near to what was thrown as can be told. */
export function fromWire({ name, message, stack, code, hint }: WireError): Error {
  const error =
    code === undefined
      ? new Error(message)
      : new EpiscopeError(code, message, hint === undefined ? {} : { hint });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
