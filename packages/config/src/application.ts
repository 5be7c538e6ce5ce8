// Programs that are Hydra applications: flags, job directories, logs, sweeps. For Node.js.
export type { ApplicationOptions } from "./application/application.js";
export { UsageError } from "./application/errors.js";
export { main } from "./application/main.js";
export { runApplication } from "./application/run-application.js";
export { hydraHelp } from "./application/show-help.js";
export type {
  Callback,
  CallbackFactories,
  JobEndEvent,
  JobEvent,
  RunEvent,
} from "./job/callbacks.js";
export { type ApplicationIo, preciseNow, processIo } from "./job/io.js";
export type { Job, JobReturn, Task } from "./job/job.js";
export {
  basicLauncher,
  type JobRequest,
  type LaunchContext,
  type Launcher,
  type LauncherFactories,
} from "./job/launcher.js";
export { launcherOf } from "./job/launcher-of.js";
export type { Logger } from "./job/logging.js";
export { poolLauncher } from "./job/pool-launcher.js";
export { isPoolWorker, serveJobs } from "./job/pool-worker.js";
