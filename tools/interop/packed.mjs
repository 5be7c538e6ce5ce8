// The packages as a user gets them: packed, and installed in empty projects, with nothing of the clone around them.
//
//   node tools/interop/packed.mjs       (installs from the registry that npm knows; removes what it made)
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { publicDoors } from "../api/doors.mjs";
import { buildAndPack, publicPackages, ROOT } from "../pack/packages.mjs";

const HDF5 = "@episcope/plugin-hdf5";
/** Packages that the program works without. */
const OPTIONAL = [HDF5, "@episcope/plugin-pdf"];
/** What must not be in a tarball. */
const NOT_SHIPPED = /\.map$|\.tsbuildinfo$|(?:^|\/)test\/|\.test\.|(?<!\.d)\.ts$/;

/** Installed, without HDF5: 16.1 since analysis, editing and trackers came in; with HDF5, the fonts and the maps it was 40. */
const MAX_MEGABYTES = 17;

const scratch = mkdtempSync(join(tmpdir(), "episcope-packed-"));
let failed = false;
try {
  const tarballs = buildAndPack(join(scratch, "tarballs"));
  checkContents(tarballs);
  const hdf5 = tarballs.filter(({ name }) => name === HDF5);
  const others = tarballs.filter(({ name }) => !OPTIONAL.includes(name));
  const program = createProject("program");
  install(program, others);
  checkProgram(program);
  checkDoors(program, others);
  install(program, tarballs);
  checkHdf5(program);
  checkDoors(program, hdf5);
  checkReading(tarballs, join(program, "outputs", "dev_episodes", "plain"));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

function check(what, holds, shown = "") {
  if (!holds) failed = true;
  process.stdout.write(`${holds ? "ok   " : "WRONG"} ${what}${holds ? "" : `\n${shown}`}\n`);
}

function checkContents(tarballs) {
  for (const { name, files } of tarballs) {
    const missing = ["LICENSE", "README.md"].filter((file) => !files.includes(file));
    const wrong = files.filter((file) => NOT_SHIPPED.test(file));
    const problems = [
      ...missing.map((file) => `no ${file}`),
      ...wrong.map((file) => `not to be shipped: ${file}`),
    ];
    check(`${name}: ${files.length} files`, problems.length === 0, problems.join("\n"));
  }
}

/** The program without the optional HDF5 package. */
function checkProgram(project) {
  const modules = join(project, "node_modules");
  check(
    "the program brings neither the libraries for HDF5 and PDF nor a font package",
    !existsSync(join(modules, "h5wasm")) &&
      !existsSync(join(modules, "pdfkit")) &&
      !existsSync(join(modules, "@expo-google-fonts")),
  );
  const megabytes = sizeOf(modules) / 1e6;
  check(
    `the program and all that it needs: ${megabytes.toFixed(1)} MB (gate ${MAX_MEGABYTES})`,
    megabytes <= MAX_MEGABYTES,
  );
  const { version } = publicPackages().find(({ name }) => name === "@episcope/cli").manifest;
  check("episcope --version", episcope(project, "--version").stdout === `${version}\n`);
  const played = episcope(
    project,
    "play",
    "episodes=1",
    "logging=wandb_basic",
    "visualization.output_formats=[svg,png]",
    "storage.run_name=plain",
  );
  const run = join(project, "outputs", "dev_episodes", "plain");
  const pictures =
    played.status === 0 ? readdirSync(join(run, "episode_0001")).filter((file) => file.endsWith(".png")) : [];
  check(
    "plays, draws SVG and PNG, writes a W&B run",
    played.status === 0 && pictures.length > 0 && existsSync(join(run, "wandb")),
    played.stderr,
  );
  const refused = episcope(
    project,
    "play",
    "episodes=1",
    "logging.log_format=hdf5",
    "storage.run_name=refused",
  );
  check(
    "logging.log_format=hdf5 names the package to install, before anything is written",
    refused.status === 1 &&
      /logging\.formats\.hdf5[\s\S]*Install @episcope\/plugin-hdf5[\s\S]*PLUGIN_NOT_INSTALLED/.test(
        refused.stderr,
      ) &&
      !existsSync(join(project, "outputs", "dev_episodes", "refused")),
    refused.stderr,
  );
  const { stdout } = episcope(project, "config", "--info", "plugins");
  check("--info plugins does not list HDF5", /Format:\n[^\n]*\n\t\tjson\n(?!\t\thdf5)/.test(stdout), stdout);
}

function checkHdf5(project) {
  const { status, stderr } = episcope(
    project,
    "play",
    "episodes=1",
    "logging.log_format=hdf5",
    "storage.run_name=hdf5",
  );
  const file = join(project, "outputs", "dev_episodes", "hdf5", "episode_0001", "episode.h5");
  check(
    "with the package installed, logging.log_format=hdf5 writes HDF5",
    status === 0 && existsSync(file) && readFileSync(file).subarray(1, 4).toString() === "HDF",
    stderr,
  );
}

/** Every door of a package can be imported by plain Node, and has types. */
function checkDoors(project, tarballs) {
  const doors = publicDoors().filter(({ name }) =>
    tarballs.some((tarball) => name === tarball.name || name.startsWith(`${tarball.name}/`)),
  );
  const code = `for (const door of process.argv.slice(1)) await import(door).catch((error) => {
    console.error(door, error.message);
    process.exitCode = 1;
  });`;
  const names = doors.map(({ name }) => name);
  const { status, stderr } = run(
    process.execPath,
    ["--input-type=module", "--eval", code, ...names],
    project,
  );
  const untyped = doors
    .map(({ types }) => join(project, "node_modules", "@episcope", relative(join(ROOT, "packages"), types)))
    .filter((types) => !existsSync(types));
  check(
    `${doors.length} doors of ${tarballs.length} packages open, and have types`,
    status === 0 && untyped.length === 0,
    `${stderr}${untyped.join("\n")}`,
  );
}

/** A recorded run, read by @episcope/records with nothing else of ours but the error class. */
function checkReading(tarballs, recorded) {
  const project = createProject("reader");
  install(
    project,
    tarballs.filter(({ name }) => /\/(?:records|errors)$/.test(name)),
  );
  const packages = run("npm", ["ls", "--all", "--parseable"], project).stdout.trim().split("\n").slice(1);
  check("@episcope/records needs two packages beside itself", packages.length === 3, packages.join("\n"));
  const code = `
    import * as fs from "node:fs";
    import { Replayer, RunReader, verifyRun } from "@episcope/records/store";
    const run = new RunReader(process.argv[1], { fs });
    const types = new Set([...new Replayer(run).records(1)].map(({ type }) => type));
    console.log([...types].join(), verifyRun(run, { fs }).findings.length);`;
  const { stdout, stderr } = run(
    process.execPath,
    ["--input-type=module", "--eval", code, recorded],
    project,
  );
  check(
    "@episcope/records reads and verifies the run",
    stdout === "episode-start,step,episode-end 0\n",
    `${stdout}${stderr}`,
  );
}

function createProject(name) {
  const directory = join(scratch, name);
  mkdirSync(directory);
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name, private: true }));
  return directory;
}

function install(project, tarballs) {
  const files = tarballs.map(({ file }) => file);
  const { status, stderr } = run(
    "npm",
    ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", ...files],
    project,
  );
  if (status !== 0) throw new Error(`npm install failed: ${stderr}`);
}

function episcope(project, ...words) {
  return run(
    process.execPath,
    [join(project, "node_modules", "@episcope", "cli", "bin", "episcope.js"), ...words],
    project,
  );
}

function run(program, args, cwd) {
  return spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    shell: process.platform === "win32" && program === "npm",
  });
}

function sizeOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + readFileSync(join(entry.parentPath, entry.name)).length, 0);
}
