// For the tests of programs that bring parts of their own to Hydra applications. For Node.js.
export { describeLauncher, type LauncherUnderTest, type TestRunner } from "./testing/launcher-contract.js";
export { launcherProgram } from "./testing/launcher-program.js";
