// Tests against the real thing: Hydra, OmegaConf, h5py and wandb from Python, Chromium from Debian.
// Installs what is missing and fails, never skips, where that is not possible.
//
//   npm run test:interop [-- NAME…]      only the named checks
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PYTHON, prepareEnvironment } from "./python-environment.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");

/** Each check is a program that exits 0 when the two sides agree. */
const CHECKS = [
  { name: "journal-python", script: "journal-python.mjs", python: true },
  { name: "steps-python", script: "steps-python.mjs", python: true },
  { name: "python-client", script: "python-client.mjs", python: true },
  { name: "python-wheel", script: "python-wheel.mjs", python: true },
  { name: "hydra-application", script: "hydra-application.mjs", python: true },
  { name: "hdf5-h5py", script: "hdf5-h5py.mjs", python: true },
  { name: "pickle-python", script: "pickle-python.mjs", python: true },
  { name: "wandb-official", script: "wandb-official.mjs", python: true },
  { name: "wandb-upload", script: "wandb-upload.mjs", python: true },
  { name: "tensorboard", script: "tensorboard.mjs", python: true },
  { name: "trackio", script: "trackio.mjs", python: true },
  {
    name: "config-fuzz",
    script: "config-fuzz.mjs",
    python: true,
    args: ["--overrides", "20000", "--trees", "2000"],
  },
  { name: "instantiate", script: "instantiate.mjs", python: true },
  { name: "config-speed", script: "config-speed.mjs", python: true },
  { name: "cases", script: "cases.mjs", python: true },
  { name: "sweeps", script: "sweeps.mjs" },
  { name: "packed", script: "packed.mjs" },
  { name: "yaml-language-server", script: "yaml-language-server.mjs" },
  { name: "browser-compose", script: "browser-compose.mjs", chromium: true },
  { name: "pages", script: "pages.mjs", chromium: true },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no check named ${unknown.join(", ")}; there are ${CHECKS.map((c) => c.name).join(", ")}\n`,
  );
  process.exit(2);
}
const checks = wanted.length > 0 ? CHECKS.filter((check) => wanted.includes(check.name)) : CHECKS;

must("npx", ["nx", "run-many", "-t", "build", "--output-style=static"], { quiet: true });
const python = checks.some((check) => check.python) ? preparePython() : undefined;
const chromium = checks.some((check) => check.chromium) ? prepareChromium() : undefined;

let failed = 0;
for (const check of checks) {
  const args = [join(here, check.script), ...(check.args ?? [])];
  if (check.python) args.push("--python", python);
  if (check.chromium) args.push("--chromium", chromium);
  process.stdout.write(`-- ${check.name}\n`);
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) failed += 1;
  process.stdout.write(
    `${status === 0 ? "PASS" : "FAIL"} interop ${check.name} (${((performance.now() - started) / 1000).toFixed(0)} s)\n`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;

function preparePython() {
  prepareEnvironment(must, () => installDebian("python3", "python3-venv"));
  return PYTHON;
}

function prepareChromium() {
  const find = () => {
    const { stdout } = spawnSync("sh", ["-c", "command -v chromium || command -v chromium-browser"], {
      encoding: "utf8",
    });
    return stdout.trim();
  };
  if (find() === "") installDebian("chromium");
  return find();
}

function installDebian(...packages) {
  must("apt-get", ["update", "-qq"], { quiet: true });
  must("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { quiet: true });
}

function must(program, args, { quiet = false } = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status === 0) return;
  if (quiet) process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  process.stderr.write(
    `'${[program, ...args].join(" ")}' failed: ${error?.message ?? `exit status ${status}`}\n`,
  );
  process.stdout.write("FAIL interop set-up\n");
  process.exit(1);
}
