export { main } from "./main.js";
export { EXIT, type ExitStatus } from "./terminal/exit-status.js";
export type { ProgramIo } from "./terminal/io.js";
