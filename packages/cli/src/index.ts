export { EXIT, type ExitStatus } from "./exit-status.js";
export type { ProgramIo } from "./io.js";
export { main } from "./main.js";
