// npm start: builds what is not built, without pages of output, and plays.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = new URL("../../packages/cli/bin/episcope.js", import.meta.url);

if (!existsSync(new URL("../../packages/cli/dist/main.js", import.meta.url))) {
  process.stderr.write("Building the packages, about a minute the first time ...\n");
}
const build = spawnSync("npx", ["nx", "run", "@episcope/cli:build", "--output-style=static"], {
  cwd: root,
  encoding: "utf8",
});
if (build.status !== 0) {
  process.stderr.write(`${build.stdout}${build.stderr}`);
  process.exit(1);
}
// The preset's own level, DEBUG, is for those who look for something.
const preset = ["visualization=debug_verbose", "logging=wandb_full", "logging.log_level=INFO"];
const words = ["play", ...preset, ...process.argv.slice(2)];
const child = spawn(process.execPath, [fileURLToPath(program), ...words], { stdio: "inherit" });
// A Ctrl-C reaches the child as well, which closes its run.
process.on("SIGINT", () => {});
child.on("exit", (status, signal) => {
  process.exitCode = status ?? (signal === "SIGINT" ? 130 : 1);
});
