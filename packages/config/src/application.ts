// Programs that are Hydra applications: flags, job directories, logs, sweeps. For Node.js.
export type { ApplicationOptions } from "./application/application.js";
export type {
  Callback,
  CallbackFactories,
  JobEndEvent,
  JobEvent,
  RunEvent,
} from "./application/callbacks.js";
export { UsageError } from "./application/errors.js";
export { type ApplicationIo, preciseNow, processIo } from "./application/io.js";
export type { Job, JobReturn, Task } from "./application/job.js";
export {
  basicLauncher,
  type LaunchContext,
  type Launcher,
  type LauncherFactories,
} from "./application/launcher.js";
export type { Logger } from "./application/logging.js";
export { main } from "./application/main.js";
export { runApplication } from "./application/run-application.js";
